import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { syncSubject } from '@hubbub/protocol';
import { type NodeSeat, RoomFeed, type RoomNote, Rooms } from '@hubbub/rooms';
import { Connections } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Register } from './member-list.js';
import { PendingNews, type UsersByRoom } from './pending-news.js';
import { type MemberNews, PresenceState } from './presence-state.js';
import { type NodeNews, type Question, ShareRequests } from './share-requests.js';

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
/** Members that a node is told of at once until it confirms: with the largest states, well below what a bus carries. */
const AT_ONCE = 100;

/**
 * States and connection counts between nodes. Each is a register of which the last write counts: it is told on the room's
 * feed, then to each node with members of the room until it confirms, and asked for when a node begins to follow a room.
 * Membership does not depend on it. On a lone node nothing happens here.
 */
@Injectable()
export class PresenceExchange implements OnModuleInit, OnModuleDestroy {
  private readonly pending = new PendingNews();
  /** States set here for members who are only at other nodes. */
  private readonly foreign = new Map<string, Register>();
  /** What was asked in vain, and is asked again. */
  private readonly unanswered = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private isConfirming = false;
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
    return this.pending.hasUntold;
  }

  /** Tells the other nodes what has changed. */
  flush(): void {
    if (!this.pending.hasUntold) return;
    for (const [roomId, userIds] of this.pending.tell()) {
      if (roomId === ALL_ROOMS) this.publishUsers(userIds);
      else this.feed.publish<StateNote>(roomId, { kind: 'state', members: this.newsOf(roomId, userIds) });
    }
    if (!this.isConfirming) this.confirmLater();
  }

  /** Asks the nodes that have seats in a room what they know. Resolves when all have answered, or do not in time. */
  async follow(roomId: string, seats: readonly NodeSeat[], isNew: boolean): Promise<void> {
    const nodeIds = new Set(seats.map(({ nodeId }) => nodeId));
    await Promise.all([...nodeIds].map((nodeId) => this.ask(roomId, nodeId, isNew)));
  }

  /** A user came to his first room here: what he has set elsewhere for all his rooms holds here too. */
  async arrived(userId: string): Promise<void> {
    if (!this.node.clustered || this.nodes.alive().length < 2) return;
    const { state, isComplete } = await this.requests.ofUser(userId);
    if (state !== null) this.learnUser(userId, state);
    if (isComplete) return;
    this.again(`${ALL_ROOMS} ${userId}`, () => {
      if (this.rooms.roomsOf(userId).size > 0) void this.arrived(userId);
    });
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
      return;
    }
    this.again(`${roomId} ${nodeId}`, () => {
      if (this.nodes.has(nodeId) && this.rooms.isKnown(roomId)) void this.ask(roomId, nodeId, false);
    });
  }

  /** Does `work` after a while, once for all who want the same meanwhile. */
  private again(key: string, work: () => void): void {
    if (this.unanswered.has(key)) return;
    this.unanswered.add(key);
    const due = () => {
      this.unanswered.delete(key);
      if (!this.stopped) work();
    };
    setTimeout(due, this.config.cluster.repairMs).unref();
  }

  private answer({ from, rooms, users, told }: Question): NodeNews {
    if (told !== undefined) this.hear(from, told);
    return { rooms: rooms.map((roomId) => [roomId, this.state.news(roomId)]), users: this.userStates(users) };
  }

  private hear(from: string, { rooms, users }: NodeNews): void {
    for (const [roomId, members] of rooms) this.state.learn(roomId, from, members);
    for (const [userId, state] of users) this.learnUser(userId, state);
    this.learned();
  }

  private userStates(userIds: readonly string[]): NodeNews['users'] {
    return userIds.flatMap((userId) => {
      const state = this.state.userState(userId);
      return state === null ? [] : [[userId, state] as const];
    });
  }

  private confirmLater(): void {
    if (!this.stopped) this.timer ??= setTimeout(() => void this.confirm(), this.config.cluster.repairMs).unref();
  }

  /** Tells those who were told on the bus, which may have lost it, until they say that they have heard. Never rejects. */
  private async confirm(): Promise<void> {
    this.timer = undefined;
    this.isConfirming = true;
    const nodeIds = this.pending.audience((roomId) => this.followers(roomId));
    await Promise.all(nodeIds.map((nodeId) => this.confirmBy(nodeId)));
    this.isConfirming = false;
    if (this.pending.isEmpty) this.foreign.clear();
    else this.confirmLater();
  }

  private async confirmBy(nodeId: string): Promise<void> {
    for (;;) {
      if (!this.nodes.has(nodeId)) return this.pending.forget(nodeId);
      const due = this.pending.take(nodeId, AT_ONCE);
      if (due.size === 0) return;
      if (!(await this.requests.tell(nodeId, this.newsFor(due)))) return this.pending.putBack(nodeId, due);
    }
  }

  /** Other nodes with members of a room; all where that is not known here. */
  private followers(roomId: string): readonly string[] {
    const others = this.nodes.alive().filter((nodeId) => nodeId !== this.node.nodeId);
    if (!this.rooms.isKnown(roomId)) return others;
    const following = this.state.nodesOf(roomId, 1 + others.length);
    return others.filter((nodeId) => following.has(nodeId));
  }

  private newsFor(due: UsersByRoom): NodeNews {
    const rooms = [...due].filter(([roomId]) => roomId !== ALL_ROOMS);
    return {
      rooms: rooms.map(([roomId, userIds]) => [roomId, this.newsOf(roomId, userIds)]),
      users: this.userStates(due.get(ALL_ROOMS) ?? []),
    };
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
    for (const [userId, state] of this.userStates(userIds)) {
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
