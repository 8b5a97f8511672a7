import type { Member } from '@hubbub/protocol';
import { type Entry, joinedAt, MemberList, newest, type Part, type Register, toMember } from './member-list.js';

/** How a room differs from what was last told of it. */
export interface PresenceDiff {
  readonly roomId: string;
  readonly joined: readonly Member[];
  /** With `connections` 0 and without state. */
  readonly left: readonly Member[];
  /** Those whose state is another. */
  readonly updated: readonly Member[];
  readonly memberCount: number;
}

/** What one node says of a member. */
export interface MemberNews {
  readonly userId: string;
  /** How many of his connections are there; absent where the node has no seat of his. */
  readonly here?: { readonly connections: number; readonly at: number };
  readonly state: Register | null;
}

/** A member as he was last told of; null for one who was not there. */
type Told = { readonly username: string; readonly joinedAt: number; readonly stateJson: string | undefined } | null;

/**
 * Who is in which room, in which state, on all nodes. Who has a seat at which other node is told for certain; how many
 * connections he has there and his state are what was said last, whatever the order in which it is heard. Plain data: no
 * timers, no bus. What happens between two calls of `drain` comes out as one diff a room, in which whatever cancelled
 * itself out is absent.
 */
export class PresenceState {
  private readonly rooms = new Map<string, MemberList>();
  private readonly changed = new Map<string, Map<string, Told>>();
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
    this.changed.delete(roomId);
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
    if (isNew) for (const { userId } of seats) this.changed.get(roomId)?.delete(userId);
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

  has(roomId: string, userId: string): boolean {
    return this.rooms.get(roomId)?.get(userId) !== undefined;
  }

  count(roomId: string): number {
    return this.rooms.get(roomId)?.size ?? 0;
  }

  /** @param after user id that the page before ended with */
  page(roomId: string, after: string | undefined, limit: number): { members: Member[]; more: boolean } {
    const { entries, more } = this.rooms.get(roomId)?.page(after, limit) ?? { entries: [], more: false };
    return { members: entries.map(toMember), more };
  }

  /** Whether `drain` has anything to look at. */
  get hasChanges(): boolean {
    return this.changed.size > 0;
  }

  /**
   * Ends the window: one diff for each room that differs from what was last told.
   * @param listMax in rooms with more members the lists are left empty, and a diff comes only if their number changed
   * @param isKnown whether all members of a room are known; the changes of others wait
   */
  drain(listMax: number, isKnown: (roomId: string) => boolean = () => true): PresenceDiff[] {
    const diffs: PresenceDiff[] = [];
    for (const [roomId, users] of this.changed) {
      if (!isKnown(roomId)) continue;
      this.changed.delete(roomId);
      const diff = this.diff(roomId, users, listMax);
      if (diff) diffs.push(diff);
    }
    return diffs;
  }

  /** How much is held: all zero once everybody has gone and been told of. */
  get size(): { rooms: number; changed: number; userStates: number } {
    return { rooms: this.rooms.size, changed: this.changed.size, userStates: this.userStates.size };
  }

  private diff(roomId: string, users: ReadonlyMap<string, Told>, listMax: number): PresenceDiff | null {
    const members = this.rooms.get(roomId);
    const joined: Entry[] = [];
    const updated: Entry[] = [];
    const left: Member[] = [];
    for (const [userId, told] of users) {
      const entry = members?.get(userId);
      if (entry === undefined) {
        if (told) left.push({ user_id: userId, username: told.username, connections: 0, joined_at: told.joinedAt });
      } else if (told === null) joined.push(entry);
      else if (told.stateJson !== entry.state?.json || told.username !== entry.username) updated.push(entry);
    }
    const memberCount = members?.size ?? 0;
    if (memberCount > listMax) {
      return joined.length === left.length ? null : { roomId, joined: [], left: [], updated: [], memberCount };
    }
    if (joined.length + left.length + updated.length === 0) return null;
    return { roomId, joined: joined.map(toMember), left, updated: updated.map(toMember), memberCount };
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

  /** Remembers, once a window, how a member was before it changes. */
  private touch(roomId: string, userId: string): void {
    if (this.isQuiet) return;
    let users = this.changed.get(roomId);
    if (users === undefined) this.changed.set(roomId, (users = new Map()));
    if (users.has(userId)) return;
    const entry = this.rooms.get(roomId)?.get(userId);
    users.set(
      userId,
      entry ? { username: entry.username, joinedAt: joinedAt(entry), stateJson: entry.state?.json } : null,
    );
  }
}
