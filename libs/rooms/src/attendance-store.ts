import type { RoomRole } from '@hubbub/protocol';
import { forUpdate } from '@hubbub/storage';
import { type EntityManager, In } from 'typeorm';
import { RoomAttendanceEntity, RoomSeatEntity } from './attendance.entities.js';
import { redactionStore } from './redaction-store.js';
import { RoomEntity } from './room.entity.js';
import { RoomMemberEntity } from './room-member.entity.js';
import { type Attendee, type Decided, decideSeats, type SeatOp, type StoredAttendance } from './seat-decisions.js';

/** A seat, at whatever node. */
export interface NodeSeat extends Attendee {
  readonly nodeId: string;
}

/** The seats of a room at one moment. */
export interface AttendanceSnapshot {
  readonly roomId: string;
  readonly epoch: string;
  readonly version: number;
  readonly seats: readonly NodeSeat[];
}

/** Rooms that one statement is about at most: databases bound the number of parameters. */
const AT_ONCE = 500;

/** Reads and writes who sits where. Each method runs in the transaction, or read, of its caller. */
export const attendanceStore = {
  async create(manager: EntityManager, roomId: string, epoch: string): Promise<void> {
    await manager.insert(RoomAttendanceEntity, { roomId, epoch, version: 0, members: 0 });
  },

  async remove(manager: EntityManager, roomId: string): Promise<void> {
    // First, as everybody who changes seats has its lock.
    await manager.delete(RoomAttendanceEntity, { roomId });
    await manager.delete(RoomSeatEntity, { roomId });
    await redactionStore.remove(manager, roomId);
  },

  /** Locks the room's attendance and numbers a change of it. @returns 0 if there is none */
  async raise(manager: EntityManager, roomId: string): Promise<number> {
    const found = await manager.findOne(RoomAttendanceEntity, { where: { roomId }, ...forUpdate(manager) });
    if (found === null) return 0;
    const version = found.version + 1;
    await manager.update(RoomAttendanceEntity, { roomId }, { version });
    return version;
  },

  /** Ends all seats of a user, after `raise`. @returns false if he had none */
  async unseat(manager: EntityManager, roomId: string, userId: string): Promise<boolean> {
    const seats = await manager.countBy(RoomSeatEntity, { roomId, userId });
    if (seats === 0) return false;
    await manager.delete(RoomSeatEntity, { roomId, userId });
    await manager.decrement(RoomAttendanceEntity, { roomId }, 'members', 1);
    return true;
  },

  /** Does what one node wants, as far as the rooms allow it. At most 500 ops, and one for each user of a room. */
  async settle(manager: EntityManager, nodeId: string, ops: readonly SeatOp[], now: number): Promise<Decided> {
    const decided = decideSeats(ops, await lockRooms(manager, ops), nodeId, now);
    const joined = decided.changes.flatMap(({ roomId, joined: seats }) =>
      seats.map((seat) => ({ roomId, nodeId, ...seat })),
    );
    if (joined.length > 0)
      await manager.createQueryBuilder().insert().into(RoomSeatEntity).values(joined).updateEntity(false).execute();
    for (const { roomId, left } of decided.changes) {
      if (left.length > 0) await manager.delete(RoomSeatEntity, { roomId, nodeId, userId: In([...left]) });
    }
    if (decided.changes.length > 0) await renumber(manager, decided.changes);
    return decided;
  },

  /** Frees all seats of a node. */
  async freeNode(manager: EntityManager, nodeId: string): Promise<void> {
    const rows: { roomId: string }[] = await manager
      .createQueryBuilder(RoomSeatEntity, 'seat')
      .select('DISTINCT seat.roomId', 'roomId')
      .where({ nodeId })
      .orderBy('seat.roomId')
      .getRawMany();
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const roomIds = rows.slice(at, at + AT_ONCE).map(({ roomId }) => roomId);
      await lockAttendance(manager, roomIds);
      await manager.delete(RoomSeatEntity, { nodeId, roomId: In(roomIds) });
      await manager
        .createQueryBuilder()
        .update(RoomAttendanceEntity)
        .set({
          version: () => 'version + 1',
          members: () =>
            '(SELECT COUNT(DISTINCT s.user_id) FROM room_seat s WHERE s.room_id = room_attendance.room_id)',
        })
        .where({ roomId: In(roomIds) })
        .execute();
    }
  },

  /** How many members rooms have; those that are no more are missing. */
  async counts(manager: EntityManager, roomIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await inPortions(roomIds, (ids) => manager.findBy(RoomAttendanceEntity, { roomId: In(ids) }));
    return new Map(rows.map(({ roomId, members }) => [roomId, members]));
  },

  /** The seats of rooms, each room's with its number in one statement, so that they belong together. */
  async snapshots(manager: EntityManager, roomIds: readonly string[]): Promise<AttendanceSnapshot[]> {
    const rows = await inPortions(roomIds, (ids) =>
      manager
        .createQueryBuilder(RoomAttendanceEntity, 'room')
        .leftJoin(RoomSeatEntity, 'seat', 'seat.roomId = room.roomId')
        .select('room.roomId', 'roomId')
        .addSelect('room.epoch', 'epoch')
        .addSelect('room.version', 'version')
        .addSelect('seat.userId', 'userId')
        .addSelect('seat.nodeId', 'nodeId')
        .addSelect('seat.username', 'username')
        .addSelect('seat.joinedAt', 'joinedAt')
        .where({ roomId: In(ids) })
        .getRawMany<SnapshotRow>(),
    );
    const found = new Map<string, AttendanceSnapshot & { readonly seats: NodeSeat[] }>();
    for (const { roomId, epoch, version, userId, nodeId, username, joinedAt } of rows) {
      let snapshot = found.get(roomId);
      if (snapshot === undefined) {
        found.set(roomId, (snapshot = { roomId, epoch, version: Number(version), seats: [] }));
      }
      if (userId !== null) snapshot.seats.push({ userId, nodeId, username, joinedAt: Number(joinedAt) });
    }
    return [...found.values()];
  },

  /** Seats of at most `limit` users, in the order of the bytes of their ids. */
  async page(
    manager: EntityManager,
    roomId: string,
    { after, limit }: { after?: string | undefined; limit: number },
  ): Promise<NodeSeat[]> {
    const users = manager
      .createQueryBuilder(RoomSeatEntity, 'seat')
      .select('DISTINCT seat.userId', 'userId')
      .where({ roomId })
      .orderBy('seat.userId')
      .limit(limit);
    if (after !== undefined) users.andWhere('seat.userId > :after', { after });
    const ids = (await users.getRawMany<{ userId: string }>()).map(({ userId }) => userId);
    if (ids.length === 0) return [];
    return manager.find(RoomSeatEntity, { where: { roomId, userId: In(ids) }, order: { userId: 'ASC' } });
  },

  async roomsOf(manager: EntityManager, userId: string): Promise<string[]> {
    const seats = await manager.find(RoomSeatEntity, {
      where: { userId },
      select: { roomId: true, userId: true, nodeId: true },
    });
    return [...new Set(seats.map(({ roomId }) => roomId))];
  },

  has(manager: EntityManager, roomId: string, userId: string): Promise<boolean> {
    return manager.existsBy(RoomSeatEntity, { roomId, userId });
  },
};

interface SnapshotRow {
  readonly roomId: string;
  readonly epoch: string;
  readonly version: string | number;
  /** Null where nobody is in the room, and with it all that follows. */
  readonly userId: string | null;
  readonly nodeId: string;
  readonly username: string;
  readonly joinedAt: string | number;
}

/** In the order of the ids, which everybody keeps to: nobody waits for whom he holds up. */
function lockAttendance(manager: EntityManager, roomIds: readonly string[]): Promise<RoomAttendanceEntity[]> {
  return manager.find(RoomAttendanceEntity, {
    where: { roomId: In([...roomIds]) },
    order: { roomId: 'ASC' },
    ...forUpdate(manager),
  });
}

async function lockRooms(manager: EntityManager, ops: readonly SeatOp[]): Promise<Map<string, StoredAttendance>> {
  const ids = [...new Set(ops.map(({ roomId }) => roomId))];
  const locked = await lockAttendance(manager, ids);
  const who = {
    roomId: In(locked.map(({ roomId }) => roomId)),
    userId: In([...new Set(ops.map(({ userId }) => userId))]),
  };
  const seats = new Map<string, Map<string, Map<string, number>>>();
  for (const { roomId, userId, nodeId, joinedAt } of await manager.findBy(RoomSeatEntity, who)) {
    enter(enter(seats, roomId), userId).set(nodeId, joinedAt);
  }
  const isAsked = ops.some(({ kind }) => kind === 'take');
  const rooms = new Map<string, RoomEntity>();
  const roles = new Map<string, Map<string, RoomRole>>();
  if (isAsked) {
    const select = { id: true, ownerId: true, visibility: true, maxClients: true };
    for (const room of await manager.find(RoomEntity, { where: { id: In(ids) }, select })) rooms.set(room.id, room);
    for (const { roomId, userId, role } of await manager.findBy(RoomMemberEntity, who))
      enter(roles, roomId).set(userId, role);
  }
  return new Map(
    locked.map(({ roomId, epoch, version, members }) => {
      const room = rooms.get(roomId);
      return [
        roomId,
        {
          roomId,
          epoch,
          version,
          members,
          ownerId: room?.ownerId ?? null,
          visibility: room?.visibility ?? 'private',
          maxClients: room?.maxClients ?? 0,
          roles: roles.get(roomId) ?? new Map(),
          seats: seats.get(roomId) ?? new Map(),
        },
      ];
    }),
  );
}

/** One statement for all rooms. Their rows are locked. */
async function renumber(manager: EntityManager, changes: Decided['changes']): Promise<void> {
  const parameters = Object.fromEntries(changes.map(({ roomId }, index) => [`room${index}`, roomId]));
  const cases = changes.map(({ members }, index) => `WHEN :room${index} THEN ${members}`).join(' ');
  await manager
    .createQueryBuilder()
    .update(RoomAttendanceEntity)
    .set({ version: () => 'version + 1', members: () => `CASE room_id ${cases} ELSE members END` })
    .where({ roomId: In(changes.map(({ roomId }) => roomId)) })
    .setParameters(parameters)
    .execute();
}

async function inPortions<T>(ids: readonly string[], read: (portion: string[]) => Promise<T[]>): Promise<T[]> {
  const portions: T[][] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) portions.push(await read(ids.slice(at, at + AT_ONCE)));
  return portions.flat();
}

function enter<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map()));
  return map;
}
