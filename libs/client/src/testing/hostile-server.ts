import type { IncomingMessage } from 'node:http';
import type { DirectMessage, RoomMessage } from '@hubbub/protocol';
import type { WebSocket } from 'ws';
import { HostileNode, type Refusal } from './hostile-node.js';

/**
 * How likely each frame is lost, sent twice or after the next one, and how likely a connection ends around it: with `kill`
 * as one that is torn, with `freeze` half open, so that nothing comes or is heard any more and nobody is told.
 */
export interface Chaos {
  readonly drop: number;
  readonly double: number;
  readonly swap: number;
  readonly kill: number;
  readonly freeze?: number;
}

export const CALM: Chaos = { drop: 0, double: 0, swap: 0, kill: 0 };

interface Frame {
  readonly message_type: string;
  readonly message_id?: number;
  readonly data: Record<string, unknown>;
}

/** One connection as the server sees it. */
export class Peer {
  readonly rooms = new Set<string>();
  readonly received: Frame[] = [];
  held: string | null = null;
  /** Nothing that comes after the frame that killed it is looked at, as with a node that crashed. */
  isDead = false;

  constructor(
    readonly node: HostileNode,
    readonly socket: WebSocket,
    readonly userId: string,
    readonly token: string | undefined,
  ) {}
}

/** Answers a command in place of the server: `lost` for not at all. */
export type Answer = { readonly type: string; readonly data: object } | 'lost' | undefined;

/** Gateways of the protocol's shape, with one log, that are as careless with frames and connections as `chaos` says. */
export class HostileServer {
  chaos = CALM;
  /** The most messages that a join brings back. */
  recoverMax = 1000;
  heartbeatMs = 60_000;
  isAnonymous = false;
  /** When tokens expire, Unix ms, and what its frames say of the time. */
  expiresAt: number | undefined;
  now = 1;
  /** Of whoever joins. */
  members: object[] = [];
  maxMessageBytes = 65_536;
  refuse: ((request: IncomingMessage) => Refusal | undefined) | undefined;
  intercept: ((frame: Frame, peer: Peer) => Answer) | undefined;
  userOf: (token: string | undefined) => string = (token) => token ?? 'anon:0';
  connections = 0;
  readonly peers = new Set<Peer>();
  private readonly logs = new Map<string, RoomMessage[]>();
  private readonly inboxes = new Map<string, DirectMessage[]>();
  private readonly keys = new Map<string, number>();
  private epoch = 'e1';

  readonly nodes: HostileNode[] = [];

  private constructor(private readonly random: () => number) {}

  /**
   * @param random as `Math.random`
   * @param nodes how many addresses it has
   */
  static async start(random: () => number = Math.random, nodes = 1): Promise<HostileServer> {
    const server = new HostileServer(random);
    for (let n = 0; n < nodes; n++) {
      const node = new HostileNode({
        refusal: (request) => server.refuse?.(request),
        accept: (socket, request) => server.accept(node, socket, request),
      });
      await node.up();
      server.nodes.push(node);
    }
    return server;
  }

  /** Of its first node. */
  get url(): string {
    return this.urls[0] as string;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  log(roomId: string): readonly RoomMessage[] {
    return this.logs.get(roomId) ?? [];
  }

  inbox(userId: string): readonly DirectMessage[] {
    return this.inboxes.get(userId) ?? [];
  }

  /** Somebody else posts: stored, and pushed to the members. */
  post(roomId: string, content: unknown, senderId = 'bot'): RoomMessage {
    const message = this.append(roomId, content, senderId);
    for (const peer of this.peers) {
      if (peer.rooms.has(roomId)) this.push(peer, 'room_message', message);
    }
    return message;
  }

  direct(senderId: string, targetId: string, content: unknown): DirectMessage {
    const message = this.deposit(targetId, senderId, targetId, content);
    for (const peer of this.peers) if (peer.userId === targetId) this.push(peer, 'direct_message', message);
    return message;
  }

  /** The rooms were deleted and made again. */
  renumber(): void {
    this.epoch += 'x';
    this.logs.clear();
    this.keys.clear();
  }

  /** Forgets the first messages of a room up to `seq`. */
  prune(roomId: string, seq: number): void {
    this.logs.set(
      roomId,
      this.log(roomId).filter((message) => (message.seq as number) > seq),
    );
  }

  push(peer: Peer, type: string, data: object): void {
    this.emit(peer, JSON.stringify({ message_type: type, data, timestamp: 1 }));
  }

  pushAll(type: string, data: object): void {
    for (const peer of this.peers) this.push(peer, type, data);
  }

  /** Ends all connections: with a close code, or, without one, as a crash does. */
  kill(code?: number): void {
    for (const { socket } of this.peers) {
      if (code === undefined) socket.terminate();
      else socket.close(code);
    }
  }

  peersOf(node: HostileNode): Peer[] {
    return [...this.peers].filter((peer) => peer.node === node);
  }

  /** A node says that it is going away; from then on it refuses those who come. */
  drain(node: HostileNode, reconnectAfterMs: number): void {
    node.isDraining = true;
    for (const peer of this.peersOf(node)) this.push(peer, 'draining', { reconnect_after_ms: reconnectAfterMs });
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.down()));
  }

  private accept(node: HostileNode, socket: WebSocket, request: IncomingMessage): void {
    this.connections++;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */);
    const token = offered.find((name) => name.startsWith('bearer.'))?.slice('bearer.'.length);
    const peer = new Peer(node, socket, this.userOf(token), token);
    this.peers.add(peer);
    socket.on('error', () => {});
    socket.on('close', () => this.peers.delete(peer));
    socket.on('message', (data) => {
      if (peer.isDead || node.isFrozen) return;
      const frame = JSON.parse((data as Buffer).toString()) as Frame;
      peer.received.push(frame);
      if (!this.strikes(peer, this.chaos.kill)) this.answer(peer, frame);
    });
    socket.send(JSON.stringify({ message_type: 'connected', data: this.session(peer), timestamp: this.now }));
  }

  session(peer: Peer): object {
    return {
      connection_id: `c${this.connections}`,
      node_id: `n${this.nodes.indexOf(peer.node)}`,
      protocol: 'hubbub.v1',
      user_id: peer.userId,
      username: peer.userId,
      anonymous: this.isAnonymous,
      authenticated: !this.isAnonymous,
      permissions: [],
      inbox_epoch: this.epoch,
      inbox_seq: this.inbox(peer.userId).length,
      heartbeat_interval_ms: this.heartbeatMs,
      max_message_bytes: this.maxMessageBytes,
      server_version: '0',
      ...(this.expiresAt !== undefined && { expires_at: this.expiresAt }),
    };
  }

  private answer(peer: Peer, frame: Frame): void {
    const answer = this.intercept?.(frame, peer) ?? this.handle(peer, frame);
    if (answer === 'lost' || answer === undefined) return;
    const id = frame.message_id === undefined ? {} : { request_id: frame.message_id };
    this.emit(peer, JSON.stringify({ message_type: answer.type, ...id, data: answer.data, timestamp: 1 }));
  }

  private handle(peer: Peer, { message_type: type, data }: Frame): Answer {
    const roomId = data?.room_id as string;
    switch (type) {
      case 'join_room':
        return this.join(
          peer,
          roomId,
          data.since as { epoch: string; seq: number } | undefined,
          data.history as number,
        );
      case 'leave_room':
        peer.rooms.delete(roomId);
        return { type: 'room_left', data: { room_id: roomId, status: 'left' } };
      case 'room_message':
        return this.posted(peer, data);
      case 'room_history': {
        const messages = this.log(roomId).filter(({ seq }) => (seq as number) > (data.after as number));
        const page = messages.slice(0, data.limit as number);
        const has_more = page.length < messages.length;
        return { type: 'room_history', data: { room_id: roomId, epoch: this.epoch, messages: page, has_more } };
      }
      case 'direct_message':
        return this.directed(peer, data);
      case 'inbox': {
        const messages = this.inbox(peer.userId).filter(({ seq }) => seq > (data.since as number));
        const seq = this.inbox(peer.userId).length;
        return { type: 'inbox', data: { messages: messages.slice(0, 20), epoch: this.epoch, seq, has_more: false } };
      }
      case 'ping':
        return { type: 'pong', data: { server_ts: 1 } };
      case 'authenticate':
        return { type: 'authenticated', data: this.session(peer) };
      default:
        return { type: `${type}_reply`, data };
    }
  }

  private join(peer: Peer, id: string, since: { epoch: string; seq: number } | undefined, history = 50): Answer {
    if (peer.rooms.has(id)) return error(3004, 'AlreadyInRoom');
    peer.rooms.add(id);
    const log = this.log(id);
    const head = log.at(-1)?.seq ?? 0;
    const floor = (log[0]?.seq ?? 1) - 1;
    const same = since?.epoch === this.epoch && since.seq <= head;
    const missed = same ? head - since.seq : 0;
    const recovered = same && since.seq >= floor && missed <= this.recoverMax;
    const latest = history === 0 ? [] : log.slice(-history);
    const messages = recovered ? log.filter(({ seq }) => (seq as number) > since.seq) : latest;
    const room = { id, name: id, visibility: 'public', history: 'durable', max_clients: 0, member_count: 1 };
    const all = messages.map((message) => ({ ...message, historic: true }));
    const place = { epoch: this.epoch, seq: head, recovered, missed, messages: all };
    return {
      type: 'room_joined',
      data: {
        room_id: id,
        status: 'joined',
        room,
        ...place,
        members: this.members.slice(0, 100),
        member_count: this.members.length || 1,
      },
    };
  }

  private posted(peer: Peer, { room_id, content, idempotency_key, ephemeral }: Record<string, unknown>): Answer {
    const roomId = room_id as string;
    if (!peer.rooms.has(roomId)) return error(3003, 'NotInRoom');
    const place = { room_id: roomId, epoch: this.epoch, timestamp: 1 };
    if (ephemeral) return { type: 'room_message_sent', data: place };
    const key = JSON.stringify([peer.userId, roomId, idempotency_key]);
    const known = this.keys.get(key);
    if (known !== undefined) return { type: 'room_message_sent', data: { ...place, seq: known, duplicate: true } };
    const message = this.append(roomId, content, peer.userId);
    this.keys.set(key, message.seq as number);
    for (const other of this.peers) {
      if (other !== peer && other.rooms.has(roomId)) this.push(other, 'room_message', message);
    }
    return { type: 'room_message_sent', data: { ...place, seq: message.seq } };
  }

  private directed(peer: Peer, { target_id, content, idempotency_key }: Record<string, unknown>): Answer {
    const targetId = target_id as string;
    const key = JSON.stringify([peer.userId, 'dm', targetId, idempotency_key]);
    const place = { target_id: targetId, delivered: 0, timestamp: 1 };
    const known = this.keys.get(key);
    if (known !== undefined) return { type: 'direct_message_sent', data: { ...place, seq: known, duplicate: true } };
    const { seq } = this.deposit(peer.userId, peer.userId, targetId, content);
    this.keys.set(key, seq);
    if (targetId !== peer.userId) this.direct(peer.userId, targetId, content);
    return { type: 'direct_message_sent', data: { ...place, seq } };
  }

  private append(roomId: string, content: unknown, senderId: string): RoomMessage {
    const log = this.logs.get(roomId) ?? [];
    this.logs.set(roomId, log);
    const seq = (log.at(-1)?.seq ?? 0) + 1;
    const sender = { sender_id: senderId, sender_name: senderId };
    const message = { room_id: roomId, epoch: this.epoch, seq, ...sender, content, timestamp: 1 };
    log.push(message);
    return message;
  }

  private deposit(owner: string, senderId: string, targetId: string, content: unknown): DirectMessage {
    const inbox = this.inboxes.get(owner) ?? [];
    this.inboxes.set(owner, inbox);
    const sender = { sender_id: senderId, sender_name: senderId, target_id: targetId };
    const message = { ...sender, content, seq: inbox.length + 1, timestamp: 1 };
    inbox.push(message);
    return message;
  }

  private emit(peer: Peer, frame: string): void {
    const { drop, double, swap, kill, freeze = 0 } = this.chaos;
    if (freeze > 0 && this.random() < freeze) peer.isDead = true;
    if (peer.isDead || this.strikes(peer, kill) || this.random() < drop) return;
    if (peer.held === null && this.random() < swap) {
      peer.held = frame;
      return;
    }
    const frames = [frame, ...(this.random() < double ? [frame] : []), ...(peer.held === null ? [] : [peer.held])];
    peer.held = null;
    // A frozen node sends nothing, also of what others said meanwhile.
    if (!peer.node.isFrozen) for (const each of frames) peer.socket.send(each);
    this.strikes(peer, kill);
  }

  private strikes(peer: Peer, probability: number): boolean {
    if (this.random() >= probability) return false;
    peer.isDead = true;
    peer.socket.terminate();
    return true;
  }
}

export function error(code: number, name: string, more: object = {}): { type: 'error'; data: object } {
  return { type: 'error', data: { code, name, message: name, retryable: false, ...more } };
}
