import type { Member } from '@hubbub/protocol';
import { type Entry, joinedAt, MemberList, newest, type Register, toMember } from './member-list.js';

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

/** All that one node holds of one room. */
export interface PresenceShare {
  readonly nodeId: string;
  readonly roomId: string;
  readonly members: readonly {
    readonly userId: string;
    readonly username: string;
    readonly connections: number;
    readonly joinedAt: number;
    readonly state: Register | null;
  }[];
}

/** A member as he was last told of; null for one who was not there. */
type Told = { readonly username: string; readonly joinedAt: number; readonly stateJson: string | undefined } | null;

/**
 * Who is in which room, in which state, on all nodes. Plain data: no timers, no bus. What happens between two calls of
 * `drain` comes out as one diff a room, in which whatever cancelled itself out is absent.
 */
export class PresenceState {
  private readonly rooms = new Map<string, MemberList>();
  private readonly changed = new Map<string, Map<string, Told>>();
  /** States that hold in all rooms of a user, those he joins later included. */
  private readonly userStates = new Map<string, Register>();

  /** @param nodeId this node: it owns the members that are connected to it, and their parts here */
  constructor(private readonly nodeId: string) {}

  join(roomId: string, user: { userId: string; username: string }, at: number): void {
    const state = this.userStates.get(user.userId) ?? null;
    this.put(roomId, this.nodeId, { ...user, connections: 1, joinedAt: at, state });
  }

  setConnections(roomId: string, userId: string, connections: number): void {
    const part = this.rooms
      .get(roomId)
      ?.get(userId)
      ?.parts.find(({ nodeId }) => nodeId === this.nodeId);
    // Not a change that anybody is told.
    if (part) part.connections = connections;
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

  /** What this node holds of a room, for the others. */
  share(roomId: string): PresenceShare {
    const members = [...(this.rooms.get(roomId) ?? [])].flatMap(({ userId, username, parts, state }) => {
      const part = parts.find(({ nodeId }) => nodeId === this.nodeId);
      return part ? [{ userId, username, connections: part.connections, joinedAt: part.joinedAt, state }] : [];
    });
    return { nodeId: this.nodeId, roomId, members };
  }

  /** Takes in what another node holds of a room, in place of what it said before. Safe to repeat. */
  merge({ nodeId, roomId, members }: PresenceShare): void {
    const present = new Set(members.map(({ userId }) => userId));
    for (const { userId, parts } of this.rooms.get(roomId) ?? []) {
      if (!present.has(userId) && parts.some((part) => part.nodeId === nodeId)) this.remove(roomId, userId, nodeId);
    }
    for (const member of members) this.put(roomId, nodeId, member);
  }

  /** Drops all that a node said: it has stopped. Its members who are connected elsewhere too stay. */
  drop(nodeId: string): void {
    for (const roomId of this.rooms.keys()) this.merge({ nodeId, roomId, members: [] });
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
   */
  drain(listMax: number): PresenceDiff[] {
    const diffs: PresenceDiff[] = [];
    for (const [roomId, users] of this.changed) {
      const diff = this.diff(roomId, users, listMax);
      if (diff) diffs.push(diff);
    }
    this.changed.clear();
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

  private put(roomId: string, nodeId: string, member: PresenceShare['members'][number]): void {
    this.touch(roomId, member.userId);
    let members = this.rooms.get(roomId);
    if (members === undefined) this.rooms.set(roomId, (members = new MemberList()));
    let entry = members.get(member.userId);
    if (entry === undefined) {
      entry = { userId: member.userId, username: member.username, parts: [], state: null };
      members.add(entry);
    }
    const part = { nodeId, connections: member.connections, joinedAt: member.joinedAt };
    const index = entry.parts.findIndex((other) => other.nodeId === nodeId);
    if (index < 0) entry.parts.push(part);
    else entry.parts[index] = part;
    entry.state = newest(entry.state, member.state);
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

  private write(json: string, now: number, before: Register | null): Register {
    // A clock that was set back must not make the later write lose.
    return { json, at: before === null ? now : Math.max(now, before.at + 1), by: this.nodeId };
  }

  /** Remembers, once a window, how a member was before it changes. */
  private touch(roomId: string, userId: string): void {
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
