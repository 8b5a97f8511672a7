import { HubbubError, type RoomRole } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LruMap } from './lru-map.js';
import type { RoomInfo } from './room-info.js';
import { roomStore } from './room-store.js';

/** Rooms without members here that are remembered: about 500 bytes each. */
const IDLE_ROOMS = 10_000;
/** Roles that are remembered, over all rooms: about 150 bytes each. */
const ROLES = 50_000;

/**
 * Rooms and roles in memory, so that joining and posting read no table. Rooms with members here stay; of the others
 * those used last. Whoever changes a room or a role says so here in the same turn in which he learns of the commit.
 */
@Injectable()
export class RoomDirectory {
  private readonly live = new Map<string, RoomInfo>();
  private readonly idle = new LruMap<string, RoomInfo>(IDLE_ROOMS);
  private readonly roles = new LruMap<string, RoomRole>(ROLES);
  /** Look-ups under way. What was read while its room changed is not remembered. */
  private readonly lookups = new Set<{ readonly roomId: string; stale: boolean }>();

  constructor(private readonly database: Database) {}

  /** A room, if it is in memory. */
  peek(roomId: string): RoomInfo | undefined {
    return this.live.get(roomId) ?? this.idle.get(roomId);
  }

  /**
   * Calls `use` with the room and the user's role in it, both as they are in that very turn: a ban or a deletion comes
   * either before it, and is seen, or after what `use` did, and undoes it.
   * @throws HubbubError RoomNotFound, ServerError
   */
  async with<T>(roomId: string, userId: string, use: (room: RoomInfo, role: RoomRole) => T | Promise<T>): Promise<T> {
    for (;;) {
      const room = this.peek(roomId);
      const role = room && this.peekRole(room, userId);
      if (room && role) return use(room, role);
      await this.load(roomId, userId);
    }
  }

  /** @throws HubbubError RoomNotFound, ServerError */
  async get(roomId: string): Promise<RoomInfo> {
    const known = this.peek(roomId);
    if (known) return known;
    return this.lookUp(
      roomId,
      (manager) => roomStore.find(manager, roomId),
      (room) => this.idle.set(roomId, room),
    );
  }

  private peekRole(room: RoomInfo, userId: string): RoomRole | undefined {
    return room.ownerId === userId ? 'owner' : this.roles.get(roleKey(room, userId));
  }

  private async load(roomId: string, userId: string): Promise<void> {
    const room = await this.get(roomId);
    await this.lookUp(
      roomId,
      (manager) => roomStore.role(manager, roomId, userId),
      (role) => this.roles.set(roleKey(room, userId), role),
    );
  }

  private async lookUp<T>(
    roomId: string,
    read: (manager: EntityManager) => Promise<T | null>,
    remember: (found: T) => void,
  ): Promise<T> {
    const lookup = { roomId, stale: false };
    this.lookups.add(lookup);
    try {
      const found = await this.database.read(read);
      if (found === null) throw new HubbubError('RoomNotFound');
      if (!lookup.stale) remember(found);
      return found;
    } finally {
      this.lookups.delete(lookup);
    }
  }

  private outdate(roomId: string): void {
    for (const lookup of this.lookups) if (lookup.roomId === roomId) lookup.stale = true;
  }

  /** Keeps a room in memory until `release`: it has members here. */
  hold(room: RoomInfo): void {
    this.idle.delete(room.id);
    this.live.set(room.id, room);
  }

  release(roomId: string): void {
    const room = this.live.get(roomId);
    if (room === undefined) return;
    this.live.delete(roomId);
    this.idle.set(roomId, room);
  }

  /** A room was made. */
  added(room: RoomInfo): void {
    this.outdate(room.id);
    this.idle.set(room.id, room);
  }

  /** A room was changed. */
  changed(room: RoomInfo): void {
    this.outdate(room.id);
    if (this.live.get(room.id)?.epoch === room.epoch) this.live.set(room.id, room);
    else if (this.idle.get(room.id)?.epoch === room.epoch) this.idle.set(room.id, room);
  }

  removed(roomId: string): void {
    this.outdate(roomId);
    this.live.delete(roomId);
    this.idle.delete(roomId);
  }

  roleChanged(room: RoomInfo, userId: string, role: RoomRole): void {
    this.outdate(room.id);
    this.roles.set(roleKey(room, userId), role);
  }
}

/** The epoch stands for the room: roles of one that was deleted mean nothing to its namesake. */
function roleKey(room: RoomInfo, userId: string): string {
  return `${room.epoch}\n${userId}`;
}
