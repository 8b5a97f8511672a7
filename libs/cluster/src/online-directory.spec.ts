import { MemoryBroker } from '@hubbub/bus';
import type { Database } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import { Logger } from '@nestjs/common';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS } from './cluster-storage.js';
import { type ClusterNode, clusterNode } from './testing/cluster-node.js';

describe('the directory of who is online', () => {
  let database: Database;
  let nodes: ClusterNode[];
  const broker = new MemoryBroker();

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await openTestDatabase({ entities: CLUSTER_ENTITIES, migrations: CLUSTER_MIGRATIONS });
    nodes = ['a', 'b'].map((nodeId) => clusterNode(nodeId, database, broker));
    for (const node of nodes) await node.start();
  });
  afterAll(async () => {
    for (const node of nodes) await node.stop();
    await database.close();
  });

  /** Resolves once the node counts so many. */
  const counts = ({ online }: ClusterNode, count: number) =>
    new Promise<void>((resolve) => {
      const look = () => online.count === count && resolve();
      online.onCount(look);
      look();
    });

  it('knows of users at other nodes, and of nodes that come later all that they have', async () => {
    const [a, b] = nodes as [ClusterNode, ClusterNode];
    for (let n = 0; n < 2500; n++) a.online.set(`u${n}`, 1);
    b.online.set('u0', 2);
    b.online.set('only here', 1);
    await counts(b, 2501);
    await counts(a, 2501);
    expect([a.online.nodesOf('u0'), a.online.elsewhere('u0'), b.online.nodesOf('u2499')]).toEqual([['b'], 2, ['a']]);

    const c = clusterNode('c', database, broker);
    nodes.push(c);
    await c.start();
    await counts(c, 2501);
    expect([...c.online.nodesOf('u0')].sort()).toEqual(['a', 'b']);
    c.online.set('mine', 1);
    await counts(a, 2502);
  });

  it('forgets the users of a node that leaves', async () => {
    const [a, b, c] = nodes as [ClusterNode, ClusterNode, ClusterNode];
    nodes = [a, b];
    await c.stop();
    await counts(a, 2501);
    await counts(b, 2501);
    expect([a.online.nodesOf('mine'), b.online.nodesOf('u0')]).toEqual([[], ['a']]);
  });
});
