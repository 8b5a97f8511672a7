import { type EntityManager, IsNull } from 'typeorm';
import { RelayLeaseEntity } from './relay-lease.entity.js';

const ID = 1;

/** Reads and writes who relays. Each method runs in the transaction, or read, of its caller. */
export const relayLeaseStore = {
  /** Null while nobody does. */
  async holder(manager: EntityManager): Promise<string | null> {
    return (await manager.findOneByOrFail(RelayLeaseEntity, { id: ID })).nodeId;
  },

  /** @returns whether it was free */
  async take(manager: EntityManager, nodeId: string): Promise<boolean> {
    const { affected } = await manager.update(RelayLeaseEntity, { id: ID, nodeId: IsNull() }, { nodeId });
    return affected === 1;
  },

  /** Frees it, if it is this node's. */
  async free(manager: EntityManager, nodeId: string): Promise<void> {
    await manager.update(RelayLeaseEntity, { id: ID, nodeId }, { nodeId: null });
  },
};
