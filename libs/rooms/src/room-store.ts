import type { GivenRole, RoomRole } from '@hubbub/protocol';
import { forUpdate, lockName } from '@hubbub/storage';
import { type EntityManager, In } from 'typeorm';
import { RoomEntity } from './room.entity.js';
import { infoOf, type RoomInfo, rowOf } from './room-info.js';
import { RoomMemberEntity } from './room-member.entity.js';

export interface RoomQuery {
  /** Ids after this one, in the order of their bytes. */
  readonly after?: string;
  readonly prefix?: string;
  /** Only these. */
  readonly ids?: readonly string[];
  /** Only what this user may see: public rooms and those he is admitted to. Absent = all. */
  readonly seenBy?: string;
  readonly limit: number;
}

/** Of the first users, by their ids. */
export type RoomRoles = readonly Pick<RoomMemberEntity, 'userId' | 'role'>[];
/** In the first rooms, by their ids. */
export type UserRoles = readonly Pick<RoomMemberEntity, 'roomId' | 'role'>[];

/** Greater than every character of a room id. */
const AFTER_ALL = '\u007f';

/** Reads and writes rooms and roles. Each method runs in the transaction, or read, of its caller. */
export const roomStore = {
  async find(manager: EntityManager, id: string): Promise<RoomInfo | null> {
    const row = await manager.findOneBy(RoomEntity, { id });
    return row === null ? null : infoOf(row);
  },

  /** As `find`, and keeps the room as it is until the transaction ends: whoever changes it or gives roles begins here. */
  async lock(manager: EntityManager, id: string): Promise<RoomInfo | null> {
    const row = await manager.findOne(RoomEntity, { where: { id }, ...forUpdate(manager) });
    return row === null ? null : infoOf(row);
  },

  async findAll(manager: EntityManager, ids: readonly string[]): Promise<RoomInfo[]> {
    return (await manager.findBy(RoomEntity, { id: In([...ids]) })).map(infoOf);
  },

  async insert(manager: EntityManager, room: RoomInfo): Promise<void> {
    await manager.insert(RoomEntity, rowOf(room));
  },

  async replace(manager: EntityManager, room: RoomInfo): Promise<void> {
    await manager.update(RoomEntity, { id: room.id }, rowOf(room));
  },

  async remove(manager: EntityManager, id: string): Promise<void> {
    await manager.delete(RoomMemberEntity, { roomId: id });
    await manager.delete(RoomEntity, { id });
  },

  count(manager: EntityManager): Promise<number> {
    return manager.count(RoomEntity);
  },

  /** Rooms of a user. Nobody makes another one of his until the transaction ends. */
  async countOwned(manager: EntityManager, userId: string): Promise<number> {
    await lockName(manager, `rooms of ${userId}`);
    return manager.countBy(RoomEntity, { ownerId: userId });
  },

  /** What is stored about a user in a room, ownership included; null if there is no such room. */
  async role(manager: EntityManager, roomId: string, userId: string): Promise<RoomRole | null> {
    // Everybody who comes to a room for the first time asks, thousands at once after a node was lost: the query builder
    // takes ten times as long as this statement.
    const [first, second] = [0, 1].map((at) => manager.connection.driver.createParameter('', at));
    const [row] = await manager.query<{ owner_id: string | null; role: RoomMemberEntity['role'] | null }[]>(
      `SELECT room.owner_id, room_member.role FROM room LEFT JOIN room_member
       ON room_member.room_id = room.id AND room_member.user_id = ${first} WHERE room.id = ${second}`,
      [userId, roomId],
    );
    if (row === undefined) return null;
    return row.owner_id === userId ? 'owner' : (row.role ?? 'none');
  },

  async setRole(manager: EntityManager, roomId: string, userId: string, role: GivenRole): Promise<void> {
    if (role === 'none') await manager.delete(RoomMemberEntity, { roomId, userId });
    else await manager.upsert(RoomMemberEntity, { roomId, userId, role }, ['roomId', 'userId']);
  },

  /** Rooms of a user, without keeping them as they are. */
  owned(manager: EntityManager, userId: string): Promise<number> {
    return manager.countBy(RoomEntity, { ownerId: userId });
  },

  /** @param role only this one */
  roles(manager: EntityManager, roomId: string, limit: number, role?: RoomMemberEntity['role']): Promise<RoomRoles> {
    return manager.find(RoomMemberEntity, {
      where: { roomId, ...(role && { role }) },
      order: { userId: 'ASC' },
      take: limit,
    });
  },

  rolesOf(manager: EntityManager, userId: string, limit: number): Promise<UserRoles> {
    return manager.find(RoomMemberEntity, { where: { userId }, order: { roomId: 'ASC' }, take: limit });
  },

  /** The newest first. */
  async newest(
    manager: EntityManager,
    {
      limit,
      prefix,
      after,
    }: { limit: number; prefix?: string | undefined; after?: { createdAt: number; id: string } | undefined },
  ): Promise<RoomInfo[]> {
    const rows = manager.createQueryBuilder(RoomEntity, 'room').take(limit);
    rows.orderBy('room.createdAt', 'DESC').addOrderBy('room.id', 'DESC');
    if (after !== undefined) {
      // Said twice, so that the index is entered there and not read from its end.
      rows.andWhere('room.createdAt <= :at AND (room.createdAt < :at OR room.id < :id)', {
        at: after.createdAt,
        id: after.id,
      });
    }
    if (prefix) rows.andWhere('room.id >= :from AND room.id < :to', { from: prefix, to: prefix + AFTER_ALL });
    return (await rows.getMany()).map(infoOf);
  },

  /** Rooms in the order of their ids: the one order that neither new rooms nor changed ones shift under a reader. */
  async list(manager: EntityManager, query: RoomQuery): Promise<RoomInfo[]> {
    const rows = manager.createQueryBuilder(RoomEntity, 'room').orderBy('room.id').take(query.limit);
    if (query.after !== undefined) rows.andWhere('room.id > :after', { after: query.after });
    if (query.prefix) {
      // A range and not LIKE: that ignores case in some databases, and `%` and `_` would have to be escaped.
      rows.andWhere('room.id >= :from AND room.id < :to', { from: query.prefix, to: query.prefix + AFTER_ALL });
    }
    if (query.ids) rows.andWhere('room.id IN (:...ids)', { ids: query.ids.length > 0 ? query.ids : [''] });
    if (query.seenBy !== undefined) {
      const admitted = rows
        .subQuery()
        .select('1')
        .from(RoomMemberEntity, 'seen')
        .where("seen.roomId = room.id AND seen.userId = :me AND seen.role <> 'banned'")
        .getQuery();
      rows.andWhere(`(room.visibility = 'public' OR room.ownerId = :me OR EXISTS ${admitted})`, { me: query.seenBy });
    }
    return (await rows.getMany()).map(infoOf);
  },
};
