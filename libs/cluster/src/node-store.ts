import type { EntityManager } from 'typeorm';
import { CacheGenerationEntity } from './cache-generation.entity.js';
import type { Lease } from './lease.js';
import { NodeEntity } from './node.entity.js';

/** Unix ms by the clock of the database; that of SQLite is the machine's. */
const NOW: Readonly<Record<string, string>> = {
  'better-sqlite3': "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now",
  postgres: 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now',
  mysql: "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000 AS now",
  mariadb: "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000 AS now",
};

type Holder = Pick<Lease, 'nodeId' | 'incarnation'>;

/** Reads and writes leases. Each method runs in the transaction, or read, of its caller. */
export const nodeStore = {
  all(manager: EntityManager): Promise<Lease[]> {
    return manager.find(NodeEntity);
  },

  find(manager: EntityManager, nodeId: string): Promise<Lease | null> {
    return manager.findOneBy(NodeEntity, { nodeId });
  },

  async add(manager: EntityManager, { nodeId, incarnation, beat }: Lease): Promise<void> {
    await manager.insert(NodeEntity, { nodeId, incarnation, beat });
  },

  /** @returns false if there is no such lease any more */
  async raise(manager: EntityManager, { nodeId, incarnation }: Holder): Promise<boolean> {
    const { affected } = await manager.increment(NodeEntity, { nodeId, incarnation }, 'beat', 1);
    return affected === 1;
  },

  /** Removes this very beat. @returns false if the node has beaten since, or somebody else was faster */
  async removeStopped(manager: EntityManager, { nodeId, incarnation, beat }: Lease): Promise<boolean> {
    const { affected } = await manager.delete(NodeEntity, { nodeId, incarnation, beat });
    return affected === 1;
  },

  /** @returns false if there is no such lease any more */
  async remove(manager: EntityManager, { nodeId, incarnation }: Holder): Promise<boolean> {
    const { affected } = await manager.delete(NodeEntity, { nodeId, incarnation });
    return affected === 1;
  },

  /** Whether there is such a lease; where there is, it stays until the end of the transaction. */
  async hold(manager: EntityManager, { nodeId, incarnation }: Holder): Promise<boolean> {
    const isServer = manager.dataSource.options.type !== 'better-sqlite3';
    const lock = isServer ? { lock: { mode: 'pessimistic_read' } as const } : {};
    return (await manager.findOne(NodeEntity, { where: { nodeId, incarnation }, ...lock })) !== null;
  },

  /** The generation of what nodes remember. */
  async generation(manager: EntityManager): Promise<number> {
    return (await manager.findOneByOrFail(CacheGenerationEntity, { id: 1 })).number;
  },

  async raiseGeneration(manager: EntityManager): Promise<void> {
    await manager.increment(CacheGenerationEntity, { id: 1 }, 'number', 1);
  },

  /** Unix ms by the clock of the database. */
  async now(manager: EntityManager): Promise<number> {
    const { type } = manager.dataSource.options;
    const [row] = await manager.query<{ now: string | number }[]>(NOW[type] ?? '');
    return Number(row?.now);
  },
};
