import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterClock, OnlineDirectory } from '@hubbub/cluster';
import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';
import { Connections } from '@hubbub/transport';

const NODES = [0, 1, 2];

async function until(condition: () => boolean): Promise<void> {
  // Gives up before Jest does, or the process would never end.
  for (const end = Date.now() + 15_000; !condition(); await sleep(5)) {
    if (Date.now() > end) throw new Error('it did not come to that');
  }
}

/** `limits.connections_per_user` (PROTOCOL §8, §9) where the connections of a user are at several nodes. */
describe.each(['replace', 'refuse'] as const)('connections of a user at three nodes, policy %s', (policy) => {
  let cluster: TestCluster;
  const clients: TestClient[] = [];
  const limit = 2;

  beforeAll(async () => {
    const limits = { connectionsPerUser: limit, connectionsPerUserPolicy: policy };
    cluster = await startCluster(3, { limits, cluster: { repairMs: 200 } });
  });
  afterEach(async () => {
    for (const bus of cluster.buses) bus.heal();
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(() => cluster.close());

  /** Later than all before, by the clock of whichever node. */
  const connect = async (index: number, userId: string) => {
    const clocks = NODES.map((node) => cluster.node(node).app.get(ClusterClock, { strict: false }));
    const latest = Math.max(...clocks.map((clock) => clock.now()));
    await until(() => clocks.every((clock) => clock.now() > latest));
    const client = await cluster.node(index).connect(userId);
    clients.push(client);
    return client;
  };
  /** Resolves once every node knows of so many, here and elsewhere. */
  const allKnow = async (userId: string, count: number) => {
    for (const { app } of cluster.nodes) {
      const [connections, directory] = [
        app.get(Connections, { strict: false }),
        app.get(OnlineDirectory, { strict: false }),
      ];
      await until(() => connections.ofUser(userId).size + directory.elsewhere(userId) === count);
    }
  };
  /** Resolves once only so many are left, and returns these. */
  const remaining = async (all: readonly TestClient[], left: number) => {
    const open = new Set(all);
    const codes: number[] = [];
    for (const client of all) {
      void client.closed.then(({ code }) => {
        codes.push(code);
        open.delete(client);
      });
    }
    await until(() => open.size === left);
    expect(codes).toEqual(Array.from({ length: all.length - left }, () => 4503));
    return [...open];
  };

  if (policy === 'replace') {
    it('closes the oldest of all nodes with 4503, also where another node took the newer one', async () => {
      const oldest = await connect(1, 'alice');
      const older = await connect(2, 'alice');
      await allKnow('alice', 2);
      const third = await connect(0, 'alice');
      expect(await oldest.closed).toMatchObject({ code: 4503 });
      await allKnow('alice', 2);
      const fourth = await connect(0, 'alice');
      expect(await older.closed).toMatchObject({ code: 4503 });
      await allKnow('alice', 2);
      for (const client of [third, fourth]) await client.command('ping');
    });
  } else {
    it('refuses at one node who has enough at the others', async () => {
      for (const index of [0, 1]) await connect(index, 'alice');
      await allKnow('alice', 2);
      await expect(connect(2, 'alice')).rejects.toMatchObject({ status: 429 });
    });
  }

  it('no more than the limit stay of those that come to all nodes at the same moment', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => connect(n % 3, 'bob')));
    const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const left = await remaining(opened, limit);
    expect(left).toHaveLength(limit);
    await allKnow('bob', limit);
    for (const client of left) await client.command('ping');
  });

  it('what came to nodes that did not hear of each other is settled once they do', async () => {
    for (const bus of cluster.buses) bus.partition();
    const came: TestClient[] = [];
    for (const index of [2, 0, 1, 1, 2, 0]) came.push(await connect(index, 'carol'));
    for (const client of came) await client.command('ping');
    for (const bus of cluster.buses) bus.heal();
    const left = await remaining(came, limit);
    expect(left).toEqual(policy === 'replace' ? came.slice(-limit) : came.slice(0, limit));
    await allKnow('carol', limit);
    for (const client of left) await client.command('ping');
  });
});
