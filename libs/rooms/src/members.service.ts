import type { Member } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { attendanceStore, type NodeSeat } from './attendance-store.js';
import { FollowedRooms } from './followed-rooms.js';
import { MemberDirectory } from './member-directory.js';
import { RoomMembership } from './membership.service.js';

export interface MembersPage {
  readonly members: Member[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/**
 * Who is in a room, on all nodes. Of rooms with members here that is known: it is presence's answer or, in an application
 * without presence, that of the seats on this node. Of others the database is asked. Presence stands on rooms, so it is
 * looked up once everything is there.
 */
@Injectable()
export class RoomMembers implements OnModuleInit {
  private directory: MemberDirectory;

  constructor(
    private readonly membership: RoomMembership,
    private readonly followed: FollowedRooms,
    private readonly database: Database,
    private readonly modules: ModuleRef,
  ) {
    this.directory = new SeatDirectory(membership);
  }

  onModuleInit(): void {
    try {
      this.directory = this.modules.get(MemberDirectory, { strict: false });
    } catch {
      // An application without presence.
    }
  }

  /** The first page of a room that has members here. @param options `reader`: who is told, if he is one of them */
  pageHere(roomId: string, options: { limit: number; reader?: string | undefined }): MembersPage {
    return this.directory.page(roomId, options);
  }

  /** Members of a room that has members here; otherwise 0. */
  countHere(roomId: string): number {
    return this.directory.count(roomId);
  }

  /** A page of the members of a room, with how many there are. @throws HubbubError ServerError */
  async page(
    roomId: string,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ): Promise<MembersPage & { readonly count: number }> {
    if (this.followed.isKnown(roomId)) {
      return { ...this.directory.page(roomId, { cursor, limit }), count: this.countHere(roomId) };
    }
    const { seats, counts } = await this.database.read(async (manager) => ({
      seats: await attendanceStore.page(manager, roomId, { after: cursor, limit: limit + 1 }),
      counts: await attendanceStore.counts(manager, [roomId]),
    }));
    const users = [...new Set(seats.map(({ userId }) => userId))];
    const last = users.length > limit ? users[limit - 1] : undefined;
    const shown = new Set(users.slice(0, limit));
    const members = await this.directory.describe(
      roomId,
      seats.filter(({ userId }) => shown.has(userId)),
    );
    return { members, count: counts.get(roomId) ?? 0, ...(last === undefined ? {} : { nextCursor: last }) };
  }

  /** How many members a room has. @throws HubbubError ServerError */
  async count(roomId: string): Promise<number> {
    return (await this.counts([roomId]))(roomId);
  }

  /** How many members each of these rooms has. @throws HubbubError ServerError */
  async counts(roomIds: readonly string[]): Promise<(roomId: string) => number> {
    const unknown = roomIds.filter((roomId) => !this.followed.isKnown(roomId));
    const stored =
      unknown.length === 0
        ? new Map<string, number>()
        : await this.database.read((manager) => attendanceStore.counts(manager, unknown));
    return (roomId) => stored.get(roomId) ?? this.countHere(roomId);
  }

  /** Whether the user is in the room, on whichever node. @throws HubbubError ServerError */
  async has(roomId: string, userId: string): Promise<boolean> {
    if (this.followed.isKnown(roomId)) return this.directory.has(roomId, userId);
    return this.database.read((manager) => attendanceStore.has(manager, roomId, userId));
  }

  /** The rooms that the user is in, on whichever node. @throws HubbubError ServerError */
  async roomsOf(userId: string): Promise<ReadonlySet<string>> {
    if (!this.followed.isClustered) return this.membership.roomsOf(userId);
    return new Set(await this.database.read((manager) => attendanceStore.roomsOf(manager, userId)));
  }
}

/** The members by the seats on this node. */
class SeatDirectory extends MemberDirectory {
  constructor(private readonly membership: RoomMembership) {
    super();
  }

  override page(roomId: string, { cursor, limit }: { cursor?: string | undefined; limit: number }): MembersPage {
    const seats = [...this.membership.seats(roomId)]
      .filter(({ userId }) => cursor === undefined || userId > cursor)
      .sort((a, b) => (a.userId < b.userId ? -1 : 1));
    const members = seats
      .slice(0, limit)
      .map(({ connections, ...seat }) => memberOf({ ...seat, connections: connections.size }));
    const last = members.at(-1);
    return seats.length > members.length && last ? { members, nextCursor: last.user_id } : { members };
  }

  override count(roomId: string): number {
    return this.membership.count(roomId);
  }

  override has(roomId: string, userId: string): boolean {
    return this.membership.seat(roomId, userId) !== undefined;
  }

  override async describe(_roomId: string, seats: readonly NodeSeat[]): Promise<Member[]> {
    const byUser = new Map<string, Member>();
    for (const seat of seats) {
      const known = byUser.get(seat.userId);
      if (known) known.connections++;
      else byUser.set(seat.userId, memberOf({ ...seat, connections: 1 }));
    }
    return [...byUser.values()];
  }
}

function memberOf(seat: { userId: string; username: string; connections: number; joinedAt: number }): Member {
  const { userId, username, connections, joinedAt } = seat;
  return { user_id: userId, username, connections, joined_at: joinedAt };
}
