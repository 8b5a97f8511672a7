import { HubbubError } from '@hubbub/protocol';
import { Database, insertIfAbsent } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { InboxMessageEntity, MessageLogEntity, ReadMarkerEntity, RoomMessageEntity } from './message.entities.js';

/** What is read: a room, or what a user has with another one in his inbox. */
export type ReadSubject = { readonly roomId: string } | { readonly peerId: string };

/** A marker as it stands after a call. */
export interface ReadMark {
  readonly seq: number;
  /** Messages of others above it. */
  readonly unread: number;
}

interface Counted {
  readonly count: number | string;
}

/** Newest messages of a room that are looked at for one's own. */
const OWN_LOOKED_AT = 1000;
/** Most unread messages counted of one conversation. */
const MOST_UNREAD_DIRECT = 10_000;

/**
 * How far each user has read. Markers go up only, and not beyond the head.
 *
 * Unread messages are those of others. To stay cheap in rooms that somebody has not read for a year, one's own are looked
 * for among the newest 1000 only; older ones count as unread. Of a conversation no more than 10,000 are counted.
 */
@Injectable()
export class ReadMarkers {
  constructor(private readonly database: Database) {}

  /**
   * Moves the marker of `userId` to `seq`, or leaves it where it is higher.
   * @throws HubbubError RoomNotFound, ServerError
   */
  mark(userId: string, subject: ReadSubject, seq: number): Promise<ReadMark> {
    return this.database.transaction(async (manager) => {
      const isRoom = 'roomId' in subject;
      const log = await manager.findOneBy(
        MessageLogEntity,
        isRoom ? { kind: 'room', ownerId: subject.roomId } : { kind: 'inbox', ownerId: userId },
      );
      if (log === null) {
        if (isRoom) throw new HubbubError('RoomNotFound');
        return { seq: 0, unread: 0 };
      }
      const key = { logId: log.id, userId, peerId: isRoom ? '' : subject.peerId };
      const marked = await raise(manager, key, Math.min(seq, log.head));
      const unread = isRoom
        ? await unreadInRoom(manager, log, marked, userId)
        : await unreadFrom(manager, log, marked, userId, subject.peerId);
      return { seq: marked, unread };
    });
  }

  /**
   * Unread messages of those rooms that the user has a marker in.
   * @param roomIds at most a page of them
   */
  unread(userId: string, roomIds: readonly string[]): Promise<Map<string, number>> {
    if (roomIds.length === 0) return Promise.resolve(new Map<string, number>());
    return this.database.read(async (manager) => {
      const logs = await manager
        .createQueryBuilder(MessageLogEntity, 'log')
        .where("log.kind = 'room' AND log.ownerId IN (:...roomIds)", { roomIds })
        .getMany();
      if (logs.length === 0) return new Map<string, number>();
      const markers = await manager
        .createQueryBuilder(ReadMarkerEntity, 'marker')
        .where("marker.logId IN (:...ids) AND marker.userId = :userId AND marker.peerId = ''", {
          ids: logs.map(({ id }) => id),
          userId,
        })
        .getMany();
      const marks = new Map(markers.map(({ logId, seq }) => [logId, seq]));
      const counts = new Map<string, number>();
      for (const log of logs) {
        const mark = marks.get(log.id);
        if (mark === undefined || log.ownerId === null) continue;
        counts.set(log.ownerId, await unreadInRoom(manager, log, mark, userId));
      }
      return counts;
    });
  }
}

async function raise(
  manager: EntityManager,
  key: Pick<ReadMarkerEntity, 'logId' | 'userId' | 'peerId'>,
  seq: number,
): Promise<number> {
  await insertIfAbsent(manager, ReadMarkerEntity, { ...key, seq }, ['logId', 'userId', 'peerId']);
  // One statement compares and writes, so that two devices at once cannot move it back.
  await manager
    .createQueryBuilder()
    .update(ReadMarkerEntity)
    .set({ seq })
    .where('log_id = :logId AND user_id = :userId AND peer_id = :peerId AND seq < :seq', { ...key, seq })
    .execute();
  return (await manager.findOneByOrFail(ReadMarkerEntity, key)).seq;
}

async function unreadInRoom(
  manager: EntityManager,
  log: MessageLogEntity,
  marked: number,
  userId: string,
): Promise<number> {
  const after = Math.max(marked, log.floor);
  if (log.head <= after) return 0;
  const own = await manager
    .createQueryBuilder(RoomMessageEntity, 'message')
    .select('COUNT(*)', 'count')
    .where('message.logId = :id AND message.seq > :after AND message.seq <= :head AND message.senderId = :userId', {
      id: log.id,
      after: Math.max(after, log.head - OWN_LOOKED_AT),
      head: log.head,
      userId,
    })
    .getRawOne<Counted>();
  return log.head - after - Number(own?.count ?? 0);
}

async function unreadFrom(
  manager: EntityManager,
  log: MessageLogEntity,
  marked: number,
  userId: string,
  peerId: string,
): Promise<number> {
  if (peerId === userId) return 0;
  const row = await manager
    .createQueryBuilder()
    .select('COUNT(*)', 'count')
    .from(
      (unread) =>
        unread
          .select('message.seq', 'seq')
          .from(InboxMessageEntity, 'message')
          .where('message.logId = :id AND message.peerId = :peerId AND message.seq > :marked', {
            id: log.id,
            peerId,
            marked,
          })
          .andWhere('message.senderId = :peerId')
          .limit(MOST_UNREAD_DIRECT),
      'unread',
    )
    .getRawOne<Counted>();
  return Number(row?.count ?? 0);
}
