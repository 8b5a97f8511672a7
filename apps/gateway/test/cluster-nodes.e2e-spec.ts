import { describeOnEveryDatabase, makeTestDatabase, type TestServerDatabase } from '@hubbub/storage/testing';
import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';

/** Short, so that the tests are; everything is in proportion to it. */
const NODE_TIMEOUT_MS = 2000;

describeOnEveryDatabase('nodes that come and go', (_, database) => {
  let cluster: TestCluster;
  let server: TestServerDatabase | undefined;
  let watcher: TestClient;

  beforeAll(async () => {
    if (database !== 'sqlite') server = await makeTestDatabase(database);
    cluster = await startCluster(3, {
      cluster: { nodeTimeoutMs: NODE_TIMEOUT_MS },
      ...(server && { database: { type: server.type, url: server.url, poolSize: 4 } }),
    });
    watcher = await cluster.node(0).connect('watcher');
    await watcher.command('watch_online', { enabled: true });
  });
  afterAll(async () => {
    await cluster.close();
    await server?.drop();
  });

  const counts = (count: number) => watcher.next('online', (online) => online.count === count);
  const nodeIds = async (index: number) => {
    const token = cluster.node(index).token('root', { permissions: ['admin:system'] });
    const { body } = await cluster.node(index).fetch<{ nodes: { node_id: string }[] }>('GET', '/api/stats', { token });
    return body.nodes.map(({ node_id }) => node_id);
  };

  it('are known to each other soon after they serve, and not any more when they are gone', async () => {
    // A node is told of the others, and reads then who they are.
    while ((await nodeIds(1)).join() !== 'n1,n2,n3') await watcher.settle();
    await cluster.add();
    await cluster.node(3).connect('late');
    await counts(2);
    expect(await nodeIds(0)).toEqual(['n1', 'n2', 'n3', 'n4']);
    await cluster.stop(3);
    await counts(1);
    expect(await nodeIds(2)).toEqual(['n1', 'n2', 'n3']);
  });

  it('take their users with them when they die, and are taken back', async () => {
    await cluster.node(1).connect('alice');
    await counts(2);
    await cluster.kill(1);
    await counts(1);
    expect(await nodeIds(2)).toEqual(['n1', 'n3']);
    await cluster.restart(1);
    await cluster.node(1).connect('alice');
    await counts(2);
    expect(await nodeIds(2)).toEqual(['n1', 'n2', 'n3']);
  });

  it('need a name each: who has that of another which lives does not start', async () => {
    await expect(cluster.add({ cluster: { nodeId: 'n1' } })).rejects.toThrow(/cluster\.node_id.*n1/);
    expect(await nodeIds(0)).toContain('n1');
    const health = async () => {
      const { body } = await cluster.node(0).fetch<{ details: { cluster: object } }>('GET', '/health');
      return body.details.cluster as { status: string; node_id: string };
    };
    // Degraded for as long as a database that is busy renews its lease late.
    while ((await health()).status !== 'up') await watcher.settle();
    expect((await health()).node_id).toBe('n1');
  });
});
