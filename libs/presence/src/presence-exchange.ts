import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { syncSubject } from '@hubbub/protocol';
import { type NodeSeat, RoomFeed, type RoomNote, Rooms } from '@hubbub/rooms';
import { Connections } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Register } from './member-list.js';
import { PendingNews } from './pending-news.js';
import { type MemberNews, PresenceState } from './presence-state.js';
import { type Answer, type Question, ShareRequests } from './share-requests.js';

/** What a node says of members of a room. */
type StateNote = RoomNote & { readonly kind: 'state'; readonly members: readonly MemberNews[] };

/** A state that was set for all rooms of a user: every node that has him there puts it into effect. */
interface UserNote {
  readonly from: string;
  readonly userId: string;
  readonly state: Register;
}

const USERS = syncSubject('states');
/** The place of users among rooms, in what is pending: no room has such an id. */
const ALL_ROOMS = '*';

/**
 * States and connection counts between nodes. Each is a register of which the last write counts: it is told on the room's
 * feed, told again a few times, and asked for when a node begins to follow a room. Membership does not depend on it. On a
 * lone node nothing happens here.
 */
@Injectable()
export class PresenceExchange implements OnModuleInit, OnModuleDestroy {
  private readonly pending = new PendingNews();
  /** States set here for members who are only at other nodes. */
  private readonly foreign = new Map<string, Register>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private learned: () => void = () => undefined;

  constructor(
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly bus: Bus,
    private readonly feed: RoomFeed,
    private readonly requests: ShareRequests,
    private readonly rooms: Rooms,
    private readonly connections: Connections,
    private readonly state: PresenceState,
    private readonly config: HubbubConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.node.clustered) return;
    this.feed.on<StateNote>('state', (roomId, { members }, nodeId) => {
      this.state.learn(roomId, nodeId, members);
      this.learned();
    });
    await this.bus.subscribe(USERS, (payload) =>
      this.hearUser(JSON.parse(Buffer.from(payload).toString()) as UserNote),
    );
    await this.requests.serve((question) => this.answer(question));
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Calls `listener` when something was heard that members here may have to be told. */
  onLearned(listener: () => void): void {
    this.learned = listener;
  }

  /** What this node holds of a member has changed; it is told with the next `flush`. */
  changed(roomId: string, userId: string): void {
    if (this.node.clustered) this.pending.mark(roomId, userId);
  }

  /** As `changed`, for a member who is at other nodes only. */
  changedElsewhere(roomId: string, userId: string, state: Register): void {
    this.foreign.set(`${roomId} ${userId}`, state);
    this.changed(roomId, userId);
  }

  /** The state for all rooms of a user was set. */
  userChanged(userId: string): void {
    this.changed(ALL_ROOMS, userId);
  }

  left(roomId: string, userId: string): void {
    this.pending.drop(roomId, userId);
  }

  unfollowed(roomId: string): void {
    this.pending.drop(roomId);
  }

  /** Whether `flush` has something to tell. */
  get hasNews(): boolean {
    return this.pending.hasFresh;
  }

  /** Tells the other nodes what has changed. */
  flush(): void {
    if (!this.pending.hasFresh) return;
    this.publish(this.pending.fresh());
    this.timer ??= setTimeout(() => this.repeat(), this.config.cluster.repairMs).unref();
  }

  /** Asks the nodes that have seats in a room what they know. Resolves when all have answered, or do not in time. */
  async follow(roomId: string, seats: readonly NodeSeat[], isNew: boolean): Promise<void> {
    const nodeIds = new Set(seats.map(({ nodeId }) => nodeId));
    await Promise.all([...nodeIds].map((nodeId) => this.ask(roomId, nodeId, isNew)));
  }

  /** A user came to his first room here: what he has set elsewhere for all his rooms holds here too. */
  async arrived(userId: string): Promise<void> {
    if (!this.node.clustered || this.nodes.alive().length < 2) return;
    const state = await this.requests.ofUser(userId);
    if (state !== null) this.learnUser(userId, state);
  }

  /** What the nodes with these seats say, for a room that has no members here. */
  async look(roomId: string, seats: readonly NodeSeat[]): Promise<Map<string, readonly MemberNews[]>> {
    const nodeIds = [...new Set(seats.map(({ nodeId }) => nodeId))];
    const news = await Promise.all(nodeIds.map((nodeId) => this.requests.ofRoom(nodeId, roomId)));
    return new Map(nodeIds.map((nodeId, index) => [nodeId, news[index] ?? []]));
  }

  private async ask(roomId: string, nodeId: string, isNew: boolean): Promise<void> {
    const news = await this.requests.ofRoom(nodeId, roomId);
    if (news !== null) {
      this.state.learn(roomId, nodeId, news, isNew);
      this.learned();
    } else if (!this.stopped && this.nodes.has(nodeId) && this.rooms.isKnown(roomId)) {
      const again = () => void this.ask(roomId, nodeId, false);
      setTimeout(again, this.config.cluster.repairMs).unref();
    }
  }

  private answer({ rooms, users }: Question): Answer {
    const states = users.flatMap((userId) => {
      const state = this.state.userState(userId);
      return state === null ? [] : [[userId, state] as const];
    });
    return {
      rooms: Object.fromEntries(rooms.map((roomId) => [roomId, this.state.news(roomId)])),
      users: Object.fromEntries(states),
    };
  }

  private repeat(): void {
    this.timer = undefined;
    if (this.stopped) return;
    this.publish(this.pending.again());
    if (!this.pending.hasRepeats && !this.pending.hasFresh) this.foreign.clear();
    else this.timer = setTimeout(() => this.repeat(), this.config.cluster.repairMs).unref();
  }

  private publish(due: ReadonlyMap<string, readonly string[]>): void {
    for (const [roomId, userIds] of due) {
      if (roomId === ALL_ROOMS) this.publishUsers(userIds);
      else this.feed.publish<StateNote>(roomId, { kind: 'state', members: this.newsOf(roomId, userIds) });
    }
  }

  private newsOf(roomId: string, userIds: readonly string[]): MemberNews[] {
    const known = this.state.news(roomId, userIds);
    const foreign = userIds.flatMap((userId) => {
      const state = this.foreign.get(`${roomId} ${userId}`);
      return state === undefined ? [] : [{ userId, state }];
    });
    return [...known, ...foreign];
  }

  private publishUsers(userIds: readonly string[]): void {
    for (const userId of userIds) {
      const state = this.state.userState(userId);
      if (state === null) continue;
      const note: UserNote = { from: this.node.nodeId, userId, state };
      try {
        this.bus.publish(USERS, Buffer.from(JSON.stringify(note)));
      } catch {
        // It is said again.
      }
    }
  }

  private hearUser({ from, userId, state }: UserNote): void {
    if (from !== this.node.nodeId) this.learnUser(userId, state);
  }

  private learnUser(userId: string, state: Register): void {
    const roomIds = this.rooms.roomsOf(userId);
    const isHere = roomIds.size > 0 || this.connections.ofUser(userId).size > 0;
    if (!isHere || !this.state.learnUserState(userId, state, roomIds)) return;
    // Those who follow these rooms may not have him there.
    for (const roomId of roomIds) this.changed(roomId, userId);
    this.learned();
  }
}
