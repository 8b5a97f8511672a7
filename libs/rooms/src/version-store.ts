import { portions } from '@hubbub/storage';
import { type EntityManager, In } from 'typeorm';
import { RoomAttendanceEntity } from './attendance.entities.js';

/** Where the numbering of a room's changes stands. */
export interface RoomVersion {
  readonly epoch: string;
  readonly version: number;
}

export type KnownVersion = readonly [roomId: string, known: RoomVersion];

interface VersionRow {
  readonly roomId: string;
  /** Null where the room is no more, and with it the version. */
  readonly epoch: string | null;
  readonly version: string | number;
}

/** Rooms that one statement is about at most: databases bound the number of parameters. */
const AT_ONCE = 500;

/** LATERAL, so that each room is one look into the index, whatever else a plan could do. */
const DIFFERING = `SELECT known.room_id AS "roomId", stored.epoch, stored.version
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS known (room_id, epoch, version)
  LEFT JOIN LATERAL (SELECT epoch, version FROM room_attendance WHERE room_id = known.room_id LIMIT 1) stored ON true
  WHERE stored.epoch IS DISTINCT FROM known.epoch OR stored.version <> known.version`;

/** How far the changes of rooms are. Each method runs in the read of its caller. */
export const versionStore = {
  /**
   * Where rooms stand that are not where they are known to be; null for those that are no more. Postgres sends only these:
   * the rest, which is nearly all, costs neither it nor this node more than the comparison.
   * @param known taken portion by portion, so that the event loop goes on
   */
  async differing(manager: EntityManager, known: Iterable<KnownVersion>): Promise<Map<string, RoomVersion | null>> {
    const read = manager.dataSource.options.type === 'postgres' ? differingRows : comparedRows;
    const differing = new Map<string, RoomVersion | null>();
    for (const portion of portions(known, AT_ONCE)) {
      for (const { roomId, epoch, version } of await read(manager, portion)) {
        differing.set(roomId, epoch === null ? null : { epoch, version: Number(version) });
      }
    }
    return differing;
  },
};

function differingRows(manager: EntityManager, known: readonly KnownVersion[]): Promise<VersionRow[]> {
  return manager.query(DIFFERING, [
    known.map(([roomId]) => roomId),
    known.map(([, { epoch }]) => epoch),
    known.map(([, { version }]) => version),
  ]);
}

async function comparedRows(manager: EntityManager, known: readonly KnownVersion[]): Promise<VersionRow[]> {
  const rows = await manager
    .createQueryBuilder(RoomAttendanceEntity, 'room')
    .select('room.roomId', 'roomId')
    .addSelect('room.epoch', 'epoch')
    .addSelect('room.version', 'version')
    .where({ roomId: In(known.map(([roomId]) => roomId)) })
    .getRawMany<VersionRow>();
  const stored = new Map(rows.map((row) => [row.roomId, row]));
  return known.flatMap(([roomId, { epoch, version }]) => {
    const row = stored.get(roomId) ?? { roomId, epoch: null, version: 0 };
    return row.epoch === epoch && Number(row.version) === version ? [] : [row];
  });
}
