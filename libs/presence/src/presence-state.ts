import type { Member } from '@hubbub/protocol';
import { MemberList, newest, type Part, type Register, toMember } from './member-list.js';
import { type PresenceDiff, PresenceWindow } from './presence-window.js';

/** What one node says of a member. */
export interface MemberNews {
  readonly userId: string;
  /** How many of his connections are there; absent where the node has no seat of his. */
  readonly here?: { readonly connections: number; readonly at: number };
  readonly state: Register | null;
}

/**
 * Who is in which room, in which state, on all nodes. Who has a seat at which other node is told for certain; how many
 * connections he has there and his state are what was said last, whatever the order in which it is heard. Plain data: no
 * timers, no bus. What happens between two calls of `drain` comes out as one diff a room, in which whatever cancelled
 * itself out is absent; but not what somebody was shown between, by `page` or `count`.
 */
export class PresenceState {
  private readonly rooms = new Map<string, MemberList>();
  /** Of rooms that differ from what was last told of them. */
  private readonly windows = new Map<string, PresenceWindow>();
  /** States that hold in all rooms of a user, those he joins later included. */
  private readonly userStates = new Map<string, Register>();
  /** Above all that an earlier process of this node said. */
  private words = Date.now();
  private isQuiet = false;

  /** @param nodeId this node: it owns the members that are connected to it, and their parts here */
  constructor(private readonly nodeId: string) {}

  join(roomId: string, user: { userId: string; username: string }, at: number): void {
    this.put(roomId, this.nodeId, { userId: user.userId, username: user.username, joinedAt: at }, ++this.words);
    const state = this.userStates.get(user.userId);
    const entry = this.rooms.get(roomId)?.get(user.userId);
    if (state && entry) entry.state = newest(entry.state, state);
  }

  setConnections(roomId: string, userId: string, connections: number): void {
    const part = this.part(roomId, userId, this.nodeId);
    // Not a change that anybody is told.
    if (part) Object.assign(part, { connections, at: ++this.words });
  }

  leave(roomId: string, userId: string): void {
    this.remove(roomId, userId, this.nodeId);
  }

  /** Forgets a room; its members are not told of one another's leaving. @returns those with a state for all rooms */
  close(roomId: string): string[] {
    const stateful = [...(this.rooms.get(roomId) ?? [])]
      .map(({ userId }) => userId)
      .filter((id) => this.userStates.has(id));
    this.rooms.delete(roomId);
    this.windows.delete(roomId);
    return stateful;
  }

  /** Sets a member's state in one room. Nothing happens if he is not there. */
  setRoomState(roomId: string, userId: string, json: string, now: number): void {
    const entry = this.rooms.get(roomId)?.get(userId);
    if (entry === undefined) return;
    this.touch(roomId, userId);
    entry.state = this.write(json, now, entry.state);
  }

  /**
   * Sets a user's state in all rooms, those he joins later included, until `forget`.
   * @param roomIds the rooms he is in
   */
  setUserState(userId: string, roomIds: Iterable<string>, json: string, now: number): void {
    this.userStates.set(userId, this.write(json, now, this.userStates.get(userId) ?? null));
    for (const roomId of roomIds) this.setRoomState(roomId, userId, json, now);
  }

  /** Drops the state that would hold in rooms which the user joins later: he is gone. */
  forget(userId: string): void {
    this.userStates.delete(userId);
  }

  /** A seat was taken at another node: with one connection, until more is heard. */
  enter(roomId: string, nodeId: string, seat: { userId: string; username: string; joinedAt: number }): void {
    if (this.part(roomId, seat.userId, nodeId) === undefined) this.put(roomId, nodeId, seat, 0);
  }

  /** A seat at another node is free. */
  exit(roomId: string, nodeId: string, userId: string): void {
    this.remove(roomId, userId, nodeId);
  }

  /** A user's seats at all other nodes are free. */
  revoke(roomId: string, userId: string): void {
    for (const { nodeId } of [...(this.rooms.get(roomId)?.get(userId)?.parts ?? [])]) {
      if (nodeId !== this.nodeId) this.remove(roomId, userId, nodeId);
    }
  }

  /**
   * Takes all seats at other nodes for what they are, in place of what was known of them.
   * @param isNew that whoever is here learns of them otherwise: nobody has come or changed
   */
  settle(
    roomId: string,
    seats: readonly { userId: string; nodeId: string; username: string; joinedAt: number }[],
    isNew: boolean,
  ): void {
    const taken = new Set(seats.map(({ nodeId, userId }) => `${nodeId} ${userId}`));
    for (const { userId, parts } of [...(this.rooms.get(roomId) ?? [])]) {
      for (const { nodeId } of [...parts]) {
        if (nodeId !== this.nodeId && !taken.has(`${nodeId} ${userId}`)) this.remove(roomId, userId, nodeId);
      }
    }
    this.quietly(isNew, () => {
      for (const { nodeId, ...seat } of seats) this.enter(roomId, nodeId, seat);
    });
    // Who is here and there was there before.
    if (isNew) for (const { userId } of seats) this.windows.get(roomId)?.forget(userId);
  }

  /** Takes in what another node says of members. Safe to repeat, and to hear in any order. */
  learn(roomId: string, nodeId: string, news: readonly MemberNews[], isNew = false): void {
    this.quietly(isNew, () => {
      for (const { userId, here, state } of news) {
        const part = this.part(roomId, userId, nodeId);
        if (part && here && here.at > part.at) Object.assign(part, here);
        const entry = this.rooms.get(roomId)?.get(userId);
        if (entry === undefined || newest(entry.state, state) === entry.state) continue;
        this.touch(roomId, userId);
        entry.state = state;
      }
    });
  }

  /** What this node says of members of a room; of all of whom there is something to say, by default. */
  news(roomId: string, userIds?: Iterable<string>): MemberNews[] {
    const members = this.rooms.get(roomId);
    const entries = userIds === undefined ? members : [...userIds].map((userId) => members?.get(userId));
    return [...(entries ?? [])].flatMap((entry) => {
      if (entry === undefined) return [];
      const { userId, state } = entry;
      const part = this.part(roomId, userId, this.nodeId);
      const here = part && { connections: part.connections, at: part.at };
      const isOrdinary = state === null && (part === undefined || part.connections === 1);
      return userIds === undefined && isOrdinary ? [] : [{ userId, state, ...(here && { here }) }];
    });
  }

  /** The state that holds in all rooms of a user. */
  userState(userId: string): Register | null {
    return this.userStates.get(userId) ?? null;
  }

  /**
   * Takes in a state for all rooms of a user that was set at another node.
   * @param roomIds the rooms that he is in here
   * @returns false if it is not news
   */
  learnUserState(userId: string, state: Register, roomIds: Iterable<string>): boolean {
    const before = this.userState(userId);
    if (before !== null && newest(before, state) === before) return false;
    this.userStates.set(userId, state);
    for (const roomId of roomIds) this.learn(roomId, state.by, [{ userId, state }]);
    return true;
  }

  /** The nodes that have members of a room. @param most there are no more of them: what is left need not be looked at */
  nodesOf(roomId: string, most: number): ReadonlySet<string> {
    const nodeIds = new Set<string>();
    for (const { parts } of this.rooms.get(roomId) ?? []) {
      for (const { nodeId } of parts) nodeIds.add(nodeId);
      if (nodeIds.size >= most) break;
    }
    return nodeIds;
  }

  has(roomId: string, userId: string): boolean {
    return this.rooms.get(roomId)?.get(userId) !== undefined;
  }

  /** How many members a room has: somebody is told so. */
  count(roomId: string): number {
    const count = this.sizeOf(roomId);
    this.windows.get(roomId)?.showCount(count);
    return count;
  }

  /**
   * Members in the order of their ids: somebody is told of them.
   * @param after user id that the page before ended with
   * @param reader who is told, if he is one of them
   */
  page(
    roomId: string,
    after: string | undefined,
    limit: number,
    reader?: string,
  ): { members: Member[]; more: boolean } {
    this.windows.get(roomId)?.show(this.sizeOf(roomId), reader);
    const { entries, more } = this.rooms.get(roomId)?.page(after, limit) ?? { entries: [], more: false };
    return { members: entries.map(toMember), more };
  }

  /** Whether `drain` has anything to look at. */
  get hasChanges(): boolean {
    return this.windows.size > 0;
  }

  /**
   * Ends the window: a diff for each room that differs from what was last told.
   * @param listMax in rooms with more members the lists are left empty, and a diff comes only if their number changed
   * @param isDue whether a room may be told now; the changes of others wait
   */
  drain(listMax: number, isDue: (roomId: string) => boolean = () => true): PresenceDiff[] {
    const diffs: PresenceDiff[] = [];
    for (const [roomId, window] of this.windows) {
      if (!isDue(roomId)) continue;
      this.windows.delete(roomId);
      const members = this.rooms.get(roomId);
      diffs.push(...window.diffs((userId) => members?.get(userId), members?.size ?? 0, listMax));
    }
    return diffs;
  }

  /** How much is held: all zero once everybody has gone and been told of. */
  get size(): { rooms: number; changed: number; userStates: number } {
    return { rooms: this.rooms.size, changed: this.windows.size, userStates: this.userStates.size };
  }

  private part(roomId: string, userId: string, ofNode: string): Part | undefined {
    return this.rooms
      .get(roomId)
      ?.get(userId)
      ?.parts.find(({ nodeId }) => nodeId === ofNode);
  }

  private put(
    roomId: string,
    nodeId: string,
    { userId, username, joinedAt }: { userId: string; username: string; joinedAt: number },
    at: number,
  ): void {
    this.touch(roomId, userId);
    let members = this.rooms.get(roomId);
    if (members === undefined) this.rooms.set(roomId, (members = new MemberList()));
    let entry = members.get(userId);
    if (entry === undefined) {
      entry = { userId, username, parts: [], state: null };
      members.add(entry);
    }
    const part = { nodeId, connections: 1, joinedAt, at };
    const index = entry.parts.findIndex((other) => other.nodeId === nodeId);
    if (index < 0) entry.parts.push(part);
    else entry.parts[index] = part;
  }

  private remove(roomId: string, userId: string, nodeId: string): void {
    const members = this.rooms.get(roomId);
    const entry = members?.get(userId);
    const index = entry?.parts.findIndex((part) => part.nodeId === nodeId) ?? -1;
    if (members === undefined || entry === undefined || index < 0) return;
    this.touch(roomId, userId);
    entry.parts.splice(index, 1);
    if (entry.parts.length > 0) return;
    members.delete(userId);
    if (members.size === 0) this.rooms.delete(roomId);
  }

  private quietly(isQuiet: boolean, work: () => void): void {
    this.isQuiet = isQuiet;
    work();
    this.isQuiet = false;
  }

  private write(json: string, now: number, before: Register | null): Register {
    // A clock that was set back must not make the later write lose.
    return { json, at: before === null ? now : Math.max(now, before.at + 1), by: this.nodeId };
  }

  /** Remembers how a member was before he changes. */
  private touch(roomId: string, userId: string): void {
    if (this.isQuiet) return;
    const members = this.rooms.get(roomId);
    let window = this.windows.get(roomId);
    if (window === undefined) this.windows.set(roomId, (window = new PresenceWindow(roomId, members?.size ?? 0)));
    window.touch(userId, members?.get(userId));
  }

  private sizeOf(roomId: string): number {
    return this.rooms.get(roomId)?.size ?? 0;
  }
}
