import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryBroker } from '@hubbub/bus';
import type { Database } from '@hubbub/storage';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import { Logger } from '@nestjs/common';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS } from './index.js';
import { nodeStore } from './node-store.js';
import { type ClusterNode, clusterNode } from './testing/cluster-node.js';

describeOnEveryDatabase('what nodes may rely on', (open) => {
  let database: Database;
  let nodes: ClusterNode[];
  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await open({ entities: CLUSTER_ENTITIES, migrations: CLUSTER_MIGRATIONS });
  });
  afterAll(() => database.close());
  beforeEach(() => {
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
  });

  async function start(nodeId: string): Promise<ClusterNode> {
    const node = clusterNode(nodeId, database, new MemoryBroker());
    nodes.push(node);
    await node.start();
    return node;
  }
  const stored = () => database.read((manager) => nodeStore.generation(manager));
  async function until(holds: () => boolean): Promise<void> {
    for (let round = 0; !holds(); round++) {
      if (round === 2000) throw new Error('did not come');
      await sleep(5);
    }
  }
  const relies = ({ contact }: ClusterNode) => contact.generation !== null && performance.now() < contact.until;

  it('is nothing until all others must have learned of them, though they see the others at once', async () => {
    const node = await start('a');
    const readyAt = performance.now();
    expect(node.contact.generation).toBeNull();
    expect(node.contact.until).toBeGreaterThan(readyAt - node.lease.times.longestGapMs);
    await until(() => relies(node));
    expect(performance.now() - readyAt).toBeGreaterThanOrEqual(node.lease.times.longestGapMs);
    expect(node.contact.generation).toBe(await stored());
  });

  it('is a new generation at every node, or nothing, when one has renounced', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await until(() => relies(a) && relies(b));
    const { generation } = b.contact;
    await a.contact.renounce();
    expect(b.contact.generation === generation && relies(b)).toBe(false);
    await until(() => relies(b));
    expect(b.contact.generation).toBe((generation ?? 0) + 1);
  });

  it('ends when they have not looked for a while, also without a word', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await until(() => relies(b));
    const { generation, until: sureUntil } = b.contact;
    // From here on it looks no more.
    await b.registry.beforeApplicationShutdown();
    await a.contact.renounce();
    expect(b.contact.generation).toBe(generation);
    expect(performance.now()).toBeGreaterThan(Math.max(sureUntil, b.contact.until));
  });

  it('is a new generation when a node has ended, which may have told nobody what it stored', async () => {
    const a = await start('a');
    await clusterNode('dead', database, new MemoryBroker()).lease.acquire();
    const before = await stored();
    await a.until('-dead');
    expect(await stored()).toBe(before + 1);
    await until(() => a.contact.generation === before + 1);
  });
});
