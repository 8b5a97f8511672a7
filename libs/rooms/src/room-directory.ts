import { NodeInfo } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
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
/** In a cluster nothing is remembered for less, or a slow database would be asked without end. */
const LEAST_MS = 50;

interface LiveRoom {
  room: RoomInfo;
  /** The change that made it what it is; 0 = that which it was read after. */
  version: number;
  /** Roles that were read before do not count: some were changed, or may have been. */
  rolesSince: number;
}

/** What was read, and when. */
interface Remembered<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * Rooms and roles in memory, so that joining and posting read no table. Rooms with members here stay; of the others
 * those used last. Whoever changes a room or a role says so here in the same turn in which he learns of the commit.
 *
 * In a cluster, changes at other nodes are told, and may get lost: those of rooms with members here are noticed by their
 * numbers; what is remembered of others counts no longer than `cluster.repair_ms`.
 */
@Injectable()
export class RoomDirectory {
  private readonly live = new Map<string, LiveRoom>();
  private readonly idle = new LruMap<string, Remembered<RoomInfo>>(IDLE_ROOMS);
  private readonly roles = new LruMap<string, Remembered<RoomRole>>(ROLES);
  /** Look-ups under way. What was read while its room changed is not remembered. */
  private readonly lookups = new Set<{ readonly roomId: string; stale: boolean }>();

  constructor(
    private readonly database: Database,
    private readonly node: NodeInfo,
    private readonly config: HubbubConfig,
  ) {}

  /** A room, if it is in memory. */
  peek(roomId: string): RoomInfo | undefined {
    return this.live.get(roomId)?.room ?? this.recent(this.idle.get(roomId));
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
      (room) => this.remember(room),
    );
  }

  private peekRole(room: RoomInfo, userId: string): RoomRole | undefined {
    if (room.ownerId === userId) return 'owner';
    const role = this.roles.get(roleKey(room, userId));
    const live = this.live.get(room.id);
    if (live === undefined) return this.recent(role);
    return role !== undefined && role.at >= live.rolesSince ? role.value : undefined;
  }

  /** Both at once where neither is known: together they are recent. */
  private async load(roomId: string, userId: string): Promise<void> {
    const known = this.peek(roomId);
    await this.lookUp(
      roomId,
      async (manager) => {
        const room = known ?? (await roomStore.find(manager, roomId));
        const role = room && (await roomStore.role(manager, roomId, userId));
        return room === null || role === null ? null : { room, role };
      },
      ({ room, role }) => {
        if (known === undefined) this.remember(room);
        this.roles.set(roleKey(room, userId), { value: role, at: performance.now() });
      },
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

  private remember(room: RoomInfo): void {
    if (!this.live.has(room.id)) this.idle.set(room.id, { value: room, at: performance.now() });
  }

  private recent<T>(remembered: Remembered<T> | undefined): T | undefined {
    if (remembered === undefined || !this.node.clustered) return remembered?.value;
    const keepMs = Math.max(LEAST_MS, this.config.cluster.repairMs);
    return performance.now() - remembered.at <= keepMs ? remembered.value : undefined;
  }

  private outdate(roomId: string): void {
    for (const lookup of this.lookups) if (lookup.roomId === roomId) lookup.stale = true;
  }

  /** Keeps a room in memory until `release`: it has members here. */
  hold(room: RoomInfo): void {
    this.idle.delete(room.id);
    const rolesSince = this.node.clustered ? performance.now() : 0;
    this.live.set(room.id, { room, version: 0, rolesSince });
  }

  release(roomId: string): void {
    const live = this.live.get(roomId);
    if (live === undefined) return;
    this.live.delete(roomId);
    this.remember(live.room);
  }

  /** A room was made. */
  added(room: RoomInfo): void {
    this.outdate(room.id);
    this.remember(room);
  }

  /**
   * A room was changed.
   * @param version number of the change, or of the state in which it was read; 0 on a lone node
   * @returns false if that is not news: something later is known of it
   */
  changed(room: RoomInfo, version: number): boolean {
    this.outdate(room.id);
    const live = this.live.get(room.id);
    if (live === undefined) {
      if (this.idle.get(room.id)?.value.epoch === room.epoch) this.remember(room);
      return true;
    }
    if (live.room.epoch !== room.epoch || version < live.version) return false;
    live.room = room;
    live.version = version;
    return true;
  }

  /** @returns false if there is a namesake by now, and it was not that */
  removed({ id, epoch }: RoomInfo): boolean {
    this.outdate(id);
    const known = this.live.get(id)?.room ?? this.idle.get(id)?.value;
    if (known !== undefined && known.epoch !== epoch) return false;
    this.live.delete(id);
    this.idle.delete(id);
    return true;
  }

  roleChanged(room: RoomInfo, userId: string, role: RoomRole): void {
    this.outdate(room.id);
    const key = roleKey(room, userId);
    // Changes by several nodes may be told in another order than that in which they were made.
    if (this.node.clustered) this.roles.delete(key);
    else this.roles.set(key, { value: role, at: performance.now() });
  }

  /** Roles in a room with members here are read anew: it is not known which were changed. */
  forgetRoles(roomId: string): void {
    this.outdate(roomId);
    const live = this.live.get(roomId);
    if (live !== undefined) live.rolesSince = performance.now();
  }
}

/** The epoch stands for the room: roles of one that was deleted mean nothing to its namesake. */
function roleKey(room: RoomInfo, userId: string): string {
  return `${room.epoch}\n${userId}`;
}
