import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';

interface Clients {
  readonly total_clients: number;
  readonly clients: readonly { readonly connection_id: string; readonly user_id: string; readonly node_id: string }[];
  readonly next_cursor?: string;
}

/** PROTOCOL §10 and §6 on three nodes: what an operator does at one of them happens at all. */
describe('an operator of a cluster', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster(3, { cluster: { repairMs: 200 } });
  });
  afterEach(async () => {
    for (const bus of cluster.buses) bus.behave();
    await cluster.closeClients();
  });
  afterAll(() => cluster.close());

  const idOf = async (client: TestClient) => (await client.next('connected')).connection_id;
  const call = async <Body>(index: number, method: string, path: string, body?: unknown) => {
    const token = cluster.node(index).token('root', { permissions: ['admin:system'] });
    const answer = await cluster.node(index).fetch<Body>(method, path, { token, ...(body ? { body } : {}) });
    expect(answer.status).toBe(200);
    return answer.body;
  };

  it('sees the connections and users of all nodes in the statistics of any', async () => {
    const alice = await cluster.connect(0, 'alice');
    const watcher = await cluster.connect(1, 'watcher');
    await watcher.command('watch_online', { enabled: true });
    for (const index of [0, 1, 2]) await cluster.connect(index, 'everywhere');
    for (const index of [1, 2]) await cluster.connect(index, 'alice');
    await cluster.connect(2, 'bob');
    await watcher.next('online', ({ count }) => count === 4);
    const stats = await call<Record<string, unknown>>(2, 'GET', '/api/stats');
    expect(stats).toMatchObject({ client_count: 8, user_count: 4, cluster_mode: true });
    expect(stats['nodes']).toMatchObject([
      { node_id: 'n1', client_count: 2, user_count: 2 },
      { node_id: 'n2', client_count: 3, user_count: 3 },
      { node_id: 'n3', client_count: 3, user_count: 3 },
    ]);
    expect(stats).not.toHaveProperty('unconfirmed');
    expect((await alice.command('watch_online', { enabled: true })).count).toBe(4);
  });

  it('reads the connections of all nodes page by page, each once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 9; n++) ids.push(await idOf(await cluster.connect(n % 3, `user-${n}`)));
    const found: Clients['clients'][number][] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Clients = await call(1, 'GET', `/api/clients?limit=2&cursor=${cursor}`);
      expect(page.total_clients).toBe(9);
      found.push(...page.clients);
      cursor = page.next_cursor;
    }
    expect(found.map(({ connection_id }) => connection_id)).toEqual(ids.sort());
    expect(new Set(found.map(({ node_id }) => node_id))).toEqual(new Set(['n1', 'n2', 'n3']));
  });

  it('ends a connection at another node, and is told when there is none of that id', async () => {
    const bob = await cluster.connect(2, 'bob');
    const path = `/api/clients/${await idOf(bob)}`;
    expect(await call(0, 'DELETE', path)).toEqual({ closed: 1, nodes: 3, unconfirmed: [] });
    expect((await bob.closed).code).toBe(4502);
    const token = cluster.node(0).token('root', { permissions: ['admin:system'] });
    expect((await cluster.node(0).fetch('DELETE', path, { token })).body).toMatchObject({ name: 'ClientNotFound' });
  });

  it('broadcasts to every identified connection of every node, once', async () => {
    const clients = [await cluster.connect(0, 'a'), await cluster.connect(1, 'b'), await cluster.connect(2, 'c')];
    for (const bus of cluster.buses) bus.faults = { lose: 0, double: 1, delay: 0 };
    expect(await call(1, 'POST', '/api/broadcast', { message: 'hear' })).toEqual({ status: 'broadcast initiated' });
    for (const bus of cluster.buses) bus.behave();
    await call(1, 'POST', '/api/broadcast', { message: 'hear again' });
    for (const client of clients) {
      await client.next('broadcast', ({ message }) => message === 'hear again');
      expect(client.pushes('broadcast').map(({ message }) => message)).toEqual(['hear', 'hear again']);
    }
  });

  it('is told which node did not get a broadcast', async () => {
    await cluster.connect(0, 'a');
    cluster.buses[2]?.loseEverything();
    expect(await call(0, 'POST', '/api/broadcast', { message: 'x' })).toEqual({
      status: 'broadcast initiated',
      unconfirmed: ['n3'],
    });
  });

  it('revokes a user at all nodes, who cannot come back with the same token to any', async () => {
    const token = cluster.node(0).token('eve');
    const eves = await Promise.all([0, 1, 2].map((index) => cluster.node(index).open({ token })));
    const outcome = await call(1, 'DELETE', '/api/users/eve/sessions');
    expect(outcome).toEqual({ closed: 3, nodes: 3, unconfirmed: [] });
    for (const eve of eves) expect((await eve.closed).code).toBe(4502);
    for (const index of [0, 1, 2]) {
      await expect(cluster.node(index).open({ token })).rejects.toMatchObject({ status: 401 });
    }
  });

  it('is told who did not confirm a revocation, which is in force there all the same within repair_ms', async () => {
    const token = cluster.node(0).token('mallory');
    const mallory = await cluster.node(2).open({ token });
    const one = cluster.node(2).token('trudy', { claims: { jti: 'one' } });
    const trudy = await cluster.node(2).open({ token: one });
    cluster.buses[2]?.loseEverything();
    expect(await call(0, 'DELETE', '/api/users/mallory/sessions')).toMatchObject({ unconfirmed: ['n3'] });
    expect((await mallory.closed).code).toBe(4502);
    expect(await call(0, 'DELETE', '/api/tokens/one')).toMatchObject({ unconfirmed: ['n3'] });
    expect((await trudy.closed).code).toBe(4502);
    for (const refused of [token, one]) {
      await expect(cluster.node(2).open({ token: refused })).rejects.toMatchObject({ status: 401 });
    }
  });

  it('has the limit of connections of a user hold for all nodes together', async () => {
    const small = await startCluster(2, { limits: { connectionsPerUser: 2 } });
    try {
      const watcher = await small.node(1).connect('watcher');
      await watcher.command('watch_online', { enabled: true });
      for (let n = 0; n < 2; n++) await small.node(0).connect('alice');
      await watcher.next('online', ({ count }) => count === 2);
      await expect(small.node(1).connect('alice')).rejects.toMatchObject({ status: 429 });
    } finally {
      await small.close();
    }
  });
});
