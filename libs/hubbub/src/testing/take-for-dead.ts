import { ClusterEvents } from '@hubbub/cluster';
import { Database } from '@hubbub/storage';
import type { INestApplication } from '@nestjs/common';

/** Has a node taken for dead by another, as one that was frozen is. It finds out by itself, and comes back. */
export async function takeForDead(nodeId: string, by: INestApplication): Promise<void> {
  const [database, events] = [by.get(Database, { strict: false }), by.get(ClusterEvents, { strict: false })];
  await database.transaction(async (manager) => {
    await manager.query(`DELETE FROM node WHERE id = '${nodeId}'`);
    await events.nodeRemoved(manager, nodeId);
  });
  events.nodeGone(nodeId);
}
