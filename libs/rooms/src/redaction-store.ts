import { type EntityManager, LessThan, MoreThan } from 'typeorm';
import { RoomRedactionEntity } from './attendance.entities.js';

/** For so long a redaction is kept for nodes that lack it: longer than one is without the database and keeps its clients. */
const KEPT_MS = 3_600_000;

/** Which messages of rooms were redacted of late, by which changes. Each method runs in the transaction of its caller. */
export const redactionStore = {
  /** The room's attendance is locked. */
  async keep(manager: EntityManager, redaction: RoomRedactionEntity): Promise<void> {
    const { roomId, redactedAt } = redaction;
    await manager.delete(RoomRedactionEntity, { roomId, redactedAt: LessThan(redactedAt - KEPT_MS) });
    await manager.insert(RoomRedactionEntity, redaction);
  },

  async remove(manager: EntityManager, roomId: string): Promise<void> {
    await manager.delete(RoomRedactionEntity, { roomId });
  },

  /** What was redacted in rooms after these versions, in order. At most 500 rooms. */
  async after(manager: EntityManager, versions: ReadonlyMap<string, number>): Promise<RoomRedactionEntity[]> {
    if (versions.size === 0) return [];
    const where = [...versions].map(([roomId, version]) => ({ roomId, version: MoreThan(version) }));
    return manager.find(RoomRedactionEntity, { where, order: { version: 'ASC' } });
  },
};
