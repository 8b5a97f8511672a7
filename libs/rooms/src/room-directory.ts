import { isDeepStrictEqual } from 'node:util';
import { type Cache, Caches, type Found } from '@hubbub/cache';
import { HubbubError, type RoomRole } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { RoomInfo } from './room-info.js';
import { roomStore } from './room-store.js';

interface LiveRoom {
  room: RoomInfo;
  /** The change that made it what it is; 0 = that which it was read after. */
  version: number;
}

/**
 * Rooms and roles in memory, so that joining and posting read no table: what decides is in the cache, and rooms with members
 * here are at hand as their members were told of them. Whoever changes a room or a role says so here in the same turn in
 * which he learns of the commit, and waits for `acknowledged`.
 */
@Injectable()
export class RoomDirectory {
  private readonly live = new Map<string, LiveRoom>();
  private readonly rooms: Cache<RoomInfo>;
  private readonly roles: Cache<RoomRole>;

  constructor(
    private readonly database: Database,
    caches: Caches,
  ) {
    this.rooms = caches.make('room');
    this.roles = caches.make('role');
  }

  /** A room, if it is in memory; one with members here as they know it. */
  peek(roomId: string): RoomInfo | undefined {
    return this.live.get(roomId)?.room ?? this.rooms.peek(roomId)?.value;
  }

  /**
   * Calls `use` with the room and the user's role in it, both as they are in that very turn: a ban or a deletion comes
   * either before it, and is seen, or after what `use` did, and undoes it.
   * @throws HubbubError RoomNotFound, ServerError
   */
  async with<T>(roomId: string, userId: string, use: (room: RoomInfo, role: RoomRole) => T | Promise<T>): Promise<T> {
    for (;;) {
      const room = this.rooms.peek(roomId) ?? (await this.find(roomId));
      if (room.value.ownerId === userId) {
        if (room.isCurrent) return use(room.value, 'owner');
        continue;
      }
      const key = roleKey(room.value.epoch, userId);
      const role = this.roles.peek(key) ?? (await this.findRole(key, roomId, userId));
      if (room.isCurrent && role.isCurrent) return use(room.value, role.value);
    }
  }

  /** @throws HubbubError RoomNotFound, ServerError */
  async get(roomId: string): Promise<RoomInfo> {
    return (this.rooms.peek(roomId) ?? (await this.find(roomId))).value;
  }

  private async find(roomId: string): Promise<Found<RoomInfo>> {
    const found = await this.rooms.get(roomId, () => {
      return this.database.read((manager) => roomStore.find(manager, roomId));
    });
    if (found === null) throw new HubbubError('RoomNotFound');
    return found;
  }

  private async findRole(key: string, roomId: string, userId: string): Promise<Found<RoomRole>> {
    const found = await this.roles.get(key, () => {
      return this.database.read((manager) => roomStore.role(manager, roomId, userId));
    });
    if (found === null) throw new HubbubError('RoomNotFound');
    return found;
  }

  /** Keeps a room at hand until `release`: it has members here. */
  hold(room: RoomInfo): void {
    this.live.set(room.id, { room, version: 0 });
  }

  release(roomId: string): void {
    this.live.delete(roomId);
  }

  /**
   * A room was changed.
   * @param version number of the change, or of the state in which it was read; 0 on a lone node
   * @returns false if that is not news: something later is known of it
   */
  changed(room: RoomInfo, version: number): boolean {
    const live = this.live.get(room.id);
    if (!isDeepStrictEqual(live?.room, room)) this.rooms.forget(room.id);
    if (live === undefined) return true;
    if (live.room.epoch !== room.epoch || version < live.version) return false;
    live.room = room;
    live.version = version;
    return true;
  }

  /** @returns false if there is a namesake by now, and it was not that */
  removed({ id, epoch }: RoomInfo): boolean {
    this.rooms.forget(id);
    const live = this.live.get(id);
    if (live !== undefined && live.room.epoch !== epoch) return false;
    this.live.delete(id);
    return true;
  }

  /** The user has another role in the room with this epoch. */
  roleChanged(epoch: string, userId: string): void {
    this.roles.forget(roleKey(epoch, userId));
  }

  /** All roles are read anew: it is not known which were changed. */
  forgetRoles(): void {
    this.roles.clear();
  }

  /**
   * Resolves when no node answers any more with what was before a change: of the room, or of the role of a user in it.
   * @throws HubbubError ServerError, see `Cache.invalidate`
   */
  acknowledged({ id, epoch }: RoomInfo, userId?: string): Promise<void> {
    return userId === undefined ? this.rooms.invalidate(id) : this.roles.invalidate(roleKey(epoch, userId));
  }
}

/** The epoch stands for the room: roles of one that was deleted mean nothing to its namesake. */
function roleKey(epoch: string, userId: string): string {
  return `${epoch}\n${userId}`;
}
