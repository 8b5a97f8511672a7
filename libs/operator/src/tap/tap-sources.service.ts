import { Control, NodeInfo, Nodes } from '@hubbub/bus';
import type { Envelope } from '@hubbub/protocol';
import { OnMessage, type PostedMessage, RoomEvents, type RoomObserver, Rooms } from '@hubbub/rooms';
import { type CommandConnection, type Connection, Connections, type ConnectionWatcher } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TapFeed } from './tap-feed.js';
import { seenChange, seenCommand, seenFrame, seenMember, seenMessage } from './tap-item.js';
import { LEASE_MS, type TapSpec } from './tap-options.js';
import { TapSource } from './tap-source.js';

export const WATCH = 'tap.watch';
export const END = 'tap.end';

/** Longest time for which items are gathered before they are handed over. */
const GATHER_MS = 100;
/** What the operator is shown by a tap of himself would be something to show. */
const OWN_ITEMS = 'tap_item';

interface Watched {
  readonly source: TapSource;
  /** Ends it unless it is announced again. */
  readonly lease: NodeJS.Timeout;
}

type ByTarget = Map<string, Set<TapSource>>;

/**
 * What this node sees for the taps that it was told of. Where nobody taps, all that is left of it is a look whether somebody
 * does: for each message, each coming and going, and (of connections, at the connection itself) each frame.
 */
@Injectable()
export class TapSources implements ConnectionWatcher, RoomObserver, OnModuleInit {
  private readonly taps = new Map<string, Watched>();
  private rooms: ByTarget | null = null;
  private users: ByTarget | null = null;

  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly feed: TapFeed,
    private readonly connections: Connections,
    private readonly roomService: Rooms,
    private readonly roomEvents: RoomEvents,
  ) {}

  onModuleInit(): void {
    this.control.handle(WATCH, (spec: TapSpec) => this.watch(spec));
    this.control.handle(END, ({ id }: { id: string }) => this.end(id));
    this.roomService.observe(this);
    this.roomEvents.listen((type, roomId, body) => {
      for (const source of this.ofRoom(roomId))
        this.show(source, (content) => seenChange(type, roomId, body(), content));
    });
    this.connections.onIdentified((connection) => this.attach(connection));
    this.nodes.onGone((nodeId) => {
      for (const { source } of [...this.taps.values()]) if (source.spec.nodeId === nodeId) this.end(source.spec.id);
    });
  }

  @OnMessage()
  message(message: PostedMessage, connection: Connection | null): void {
    if (this.rooms === null) return;
    for (const source of this.ofRoom(message.roomId)) {
      this.show(source, (content) => seenMessage(message, connection?.id, content));
    }
  }

  memberJoined(roomId: string, { userId }: { userId: string }): void {
    for (const source of this.ofRoom(roomId)) this.show(source, () => seenMember('room_joined', roomId, userId));
  }

  memberLeft(roomId: string, userId: string): void {
    for (const source of this.ofRoom(roomId)) this.show(source, () => seenMember('room_left', roomId, userId));
  }

  connectionsChanged(): void {
    // He was there before, or still is.
  }

  roomClosed(): void {
    // Told as the change that it is.
  }

  answered(connection: CommandConnection, envelope: Envelope, code: number): void {
    const whose = whoseIs(connection as Connection);
    for (const source of this.ofUser(whose.user_id)) {
      this.show(source, (content) => seenCommand(whose, envelope, code, content));
    }
  }

  sent(connection: CommandConnection, messageType: string, dataJson: string, bytes: number): void {
    if (messageType === OWN_ITEMS) return;
    const whose = whoseIs(connection as Connection);
    for (const source of this.ofUser(whose.user_id)) {
      this.show(source, (content) => seenFrame(whose, messageType, dataJson, bytes, content));
    }
  }

  /** How many taps it watches for. */
  get size(): number {
    return this.taps.size;
  }

  private watch(spec: TapSpec): void {
    const known = this.taps.get(spec.id);
    if (known !== undefined) return void known.lease.refresh();
    const source = new TapSource(spec, this.node.nodeId, () => this.gather(source), performance.now());
    this.taps.set(spec.id, { source, lease: setTimeout(() => this.end(spec.id), LEASE_MS).unref() });
    if (spec.roomId !== undefined) this.rooms = withSource(this.rooms, spec.roomId, source);
    if (spec.userId === undefined) return;
    this.users = withSource(this.users, spec.userId, source);
    for (const connection of this.connections.ofUser(spec.userId)) connection.watcher = this;
  }

  private end(id: string): void {
    const watched = this.taps.get(id);
    if (watched === undefined) return;
    const { source, lease } = watched;
    const { roomId, userId } = source.spec;
    clearTimeout(lease);
    this.taps.delete(id);
    if (roomId !== undefined) this.rooms = withoutSource(this.rooms, roomId, source);
    if (userId === undefined) return;
    this.users = withoutSource(this.users, userId, source);
    if (this.users?.has(userId)) return;
    for (const connection of this.connections.ofUser(userId)) connection.watcher = null;
  }

  private attach(connection: Connection): void {
    if (this.users?.has(connection.identity?.userId ?? '')) connection.watcher = this;
  }

  private show(source: TapSource, compose: Parameters<TapSource['see']>[0]): void {
    source.see(compose, performance.now());
  }

  private gather(source: TapSource): void {
    const { id, nodeId } = source.spec;
    setTimeout(() => this.feed.hand(nodeId, id, source.take()), GATHER_MS).unref();
  }

  private ofRoom(roomId: string): Iterable<TapSource> {
    return this.rooms?.get(roomId) ?? [];
  }

  private ofUser(userId: string | undefined): Iterable<TapSource> {
    return (userId === undefined ? undefined : this.users?.get(userId)) ?? [];
  }
}

function whoseIs({ id, identity }: Connection): { connection_id: string; user_id?: string } {
  return { connection_id: id, ...(identity === null ? {} : { user_id: identity.userId }) };
}

function withSource(sources: ByTarget | null, key: string, source: TapSource): ByTarget {
  const all = sources ?? new Map<string, Set<TapSource>>();
  return all.set(key, (all.get(key) ?? new Set()).add(source));
}

/** Null after the last. */
function withoutSource(sources: ByTarget | null, key: string, source: TapSource): ByTarget | null {
  const left = sources?.get(key);
  left?.delete(source);
  if (left?.size === 0) sources?.delete(key);
  return sources?.size === 0 ? null : sources;
}
