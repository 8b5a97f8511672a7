import type { Room } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { RoomMembers } from './members.service.js';
import { RoomMembership } from './membership.service.js';
import { RoomDirectory } from './room-directory.js';
import { type RoomInfo, wireRoom } from './room-info.js';
import { type RoomRoles, roomStore, type UserRoles } from './room-store.js';

/** Where a list of rooms by their age broke off. */
export interface CreatedCursor {
  /** Unix ms. */
  readonly createdAt: number;
  readonly id: string;
}

/** Rooms as who runs the nodes sees them: all of them, whoever may enter. */
@Injectable()
export class RoomSurvey {
  constructor(
    private readonly database: Database,
    private readonly directory: RoomDirectory,
    private readonly membership: RoomMembership,
    private readonly members: RoomMembers,
  ) {}

  /** @throws HubbubError RoomNotFound, ServerError */
  get(roomId: string): Promise<RoomInfo> {
    return this.directory.get(roomId);
  }

  /** Ids of the rooms that have members on this node. */
  occupied(): Iterable<string> {
    return this.membership.occupied();
  }

  /** Users with a seat in the room on this node. */
  seatsHere(roomId: string): number {
    return this.membership.count(roomId);
  }

  /** Rooms by their ids, in that order; those that are no more are left out. @throws HubbubError ServerError */
  async describe(ids: readonly string[]): Promise<Room[]> {
    if (ids.length === 0) return [];
    const found = await this.database.read((manager) => roomStore.findAll(manager, ids));
    const byId = new Map(found.map((room) => [room.id, room]));
    return this.counted(ids.flatMap((id) => byId.get(id) ?? []));
  }

  /** The newest rooms, those after `after` in that order. @throws HubbubError ServerError */
  async newest(query: {
    limit: number;
    prefix?: string | undefined;
    after?: CreatedCursor | undefined;
  }): Promise<Room[]> {
    return this.counted(await this.database.read((manager) => roomStore.newest(manager, query)));
  }

  /** How many members each of these rooms has, on all nodes. @throws HubbubError ServerError */
  counts(ids: readonly string[]): Promise<(roomId: string) => number> {
    return this.members.counts(ids);
  }

  /** Roles that were given in a room, in the order of the users' ids. @throws HubbubError ServerError */
  roles(roomId: string, limit: number): Promise<RoomRoles> {
    return this.database.read((manager) => roomStore.roles(manager, roomId, limit));
  }

  /** What a user owns, and his roles, in the order of the rooms' ids. @throws HubbubError ServerError */
  ofUser(userId: string, limit: number): Promise<{ readonly owned: number; readonly roles: UserRoles }> {
    return this.database.read(async (manager) => ({
      owned: await roomStore.owned(manager, userId),
      roles: await roomStore.rolesOf(manager, userId, limit),
    }));
  }

  private async counted(rooms: readonly RoomInfo[]): Promise<Room[]> {
    const count = await this.members.counts(rooms.map(({ id }) => id));
    return rooms.map((room) => wireRoom(room, count(room.id)));
  }
}
