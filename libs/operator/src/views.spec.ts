import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, startGateway, type TestCluster } from '@hubbub/testing';
import { Drain } from '@hubbub/transport';
import type { Static } from 'typebox';
import { NodeSeries } from './series/node-series.service.js';
import type { ConfigAnswer, RoomAnswer, RoomsAnswer, SeriesAnswer, UserAnswer } from './view-schemas.js';

/** What a console asks for, over HTTP at one of two nodes. */
describe('the views of an operator', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster(2, {
      cluster: { repairMs: 200 },
      auth: { defaultPermissions: ['read:message'] },
      metrics: { token: 'hush-hush' },
    });
  });
  afterEach(async () => {
    for (const bus of cluster.buses) bus.behave();
    await cluster.closeClients();
  });
  afterAll(() => cluster.close());

  const ask = async <Body>(index: number, path: string, body?: unknown, method = body ? 'POST' : 'GET') => {
    const token = cluster.node(index).token('root', { permissions: ['admin:system'] });
    return cluster.node(index).fetch<Body>(method, `/api/operator/${path}`, { token, ...(body ? { body } : {}) });
  };
  const get = async <Body>(index: number, path: string) => {
    const { status, body } = await ask<Body>(index, path);
    expect(status).toBe(200);
    return body;
  };

  describe('series', () => {
    /** Of the rows of a node together, by column: another interval may end meanwhile. */
    const figures = ({ columns }: Static<typeof SeriesAnswer>, rows: readonly (readonly (number | null)[])[] = []) => {
      const counts = ['commands', 'command_errors', 'deliveries', 'appended', 'bytes_in', 'bytes_out'];
      const all = (place: number) => rows.flatMap((row) => row[place] ?? []);
      const value = (column: string, place: number) =>
        counts.includes(column) ? all(place).reduce((sum, n) => sum + n, 0) : (all(place).at(-1) ?? null);
      return Object.fromEntries(columns.map((column, place) => [column, value(column, place)]));
    };
    const sample = (at: number) => {
      for (const index of [0, 1]) cluster.node(index).app.get(NodeSeries, { strict: false }).sample(at);
    };

    it('has a row of each node for each interval: what was counted in it, what there was at its end, how long it took', async () => {
      const alice = await cluster.connect(0, 'alice');
      const bob = await cluster.connect(1, 'bob');
      await alice.command('create_room', { room_id: 'counted' });
      for (const client of [alice, bob]) await client.command('join_room', { room_id: 'counted' });
      const from = Date.now();
      sample(from);
      for (let n = 0; n < 5; n++) await alice.command('room_message', { room_id: 'counted', content: n });
      await bob.next('room_message', ({ content }) => content === 4);
      await alice.request('join_room', { room_id: 'nowhere' });
      sample(from + 20_000);

      const answer = await get<Static<typeof SeriesAnswer>>(1, `series?since=${from}`);
      expect(answer).toMatchObject({
        interval_ms: 10_000,
        nodes: [
          { node_id: 'n1', ready: true, draining: false, version: expect.any(String) },
          { node_id: 'n2', ready: true, draining: false },
        ],
      });
      const [one, two] = answer.nodes.map(({ rows }) => figures(answer, rows));
      expect(one).toMatchObject({ at: from + 20_000, connections: 1, users: 1, rooms: 1, members: 1 });
      expect(one).toMatchObject({ commands: 6, command_errors: 1, appended: 5, dropped: 0, slow_consumers: 0 });
      for (const column of [
        'command_p50_ms',
        'append_p50_ms',
        'bytes_in',
        'bytes_out',
        'cpu',
        'rss_bytes',
        'heap_bytes',
      ]) {
        expect([column, one?.[column]]).toEqual([column, expect.any(Number)]);
        expect(one?.[column]).toBeGreaterThan(0);
      }
      expect(one?.['command_p99_ms']).toBeGreaterThanOrEqual(one?.['command_p50_ms'] as number);
      expect(two).toMatchObject({ commands: 0, appended: 0, command_p99_ms: null, append_p99_ms: null });
      // What tells of those who joined may come among the five messages.
      expect(two?.['deliveries']).toBeGreaterThanOrEqual(5);
    });

    it('names the node that does not answer, and tells of the others', async () => {
      cluster.buses[1]?.loseEverything();
      const answer = await get<Static<typeof SeriesAnswer>>(0, 'series');
      expect(answer.nodes.map(({ node_id }) => node_id)).toEqual(['n1']);
      expect(answer.unconfirmed).toEqual(['n2']);
    });

    it('tells of a node that goes away, as /health/ready does', async () => {
      const gateway = await startGateway();
      await gateway.app.get(Drain, { strict: false }).start();
      const token = gateway.token('root', { permissions: ['admin:system'] });
      const { body } = await gateway.fetch('GET', '/api/operator/series', { token });
      expect(body).toMatchObject({ nodes: [{ ready: false, draining: true }] });
      await gateway.close();
    });
  });

  describe('rooms', () => {
    const list = (query: string) => get<Static<typeof RoomsAnswer>>(1, `rooms?prefix=shop.${query}`);
    const ids = (answer: Static<typeof RoomsAnswer>) => answer.rooms.map(({ id }) => id);

    it('are listed by name, by age, by members and by what is said in them, on all nodes together', async () => {
      const owner = await cluster.connect(0, 'owner');
      for (const room_id of ['shop.c', 'shop.a', 'shop.b']) await owner.command('create_room', { room_id });
      for (const index of [0, 1, 1]) {
        const client = await cluster.connect(index, `guest-${Math.random()}`);
        await client.command('join_room', { room_id: 'shop.b' });
      }
      await owner.command('join_room', { room_id: 'shop.a' });
      const token = cluster.node(1).token('root', { permissions: ['admin:system'] });
      for (const [index, room] of [
        [0, 'a'],
        [1, 'a'],
        [1, 'a'],
        [0, 'c'],
      ] as const) {
        await cluster.node(index).fetch('POST', `/api/rooms/shop.${room}/messages`, { token, body: { content: 'x' } });
      }
      expect(ids(await list(''))).toEqual(['shop.a', 'shop.b', 'shop.c']);
      expect(ids(await list('&sort=members'))).toEqual(['shop.b', 'shop.a']);
      const busiest = await list('&sort=traffic');
      expect(ids(busiest)).toEqual(['shop.a', 'shop.c']);
      // Whole windows of the clock: it may have turned in between, which takes off a little.
      expect(busiest.rooms[0]?.message_rate).toBeGreaterThan(2 / 60);
      expect(busiest.rooms[0]?.message_rate).toBeLessThanOrEqual(3 / 60);
      expect(busiest.rooms[0]).toMatchObject({ owner_id: 'owner', member_count: 1 });

      const pages: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page: Static<typeof RoomsAnswer> = await list(`&sort=created&limit=1${cursor && `&cursor=${cursor}`}`);
        pages.push(...ids(page));
        cursor = page.next_cursor;
      }
      const ages = await list('&sort=created');
      expect(pages).toEqual(ids(ages));
      expect(ages.rooms.map(({ created_at }) => created_at)).toEqual(
        ages.rooms.map(({ created_at }) => created_at).sort((a, b) => b - a),
      );
    });

    it('are shown with their roles, their head, and where their members are', async () => {
      const owner = await cluster.connect(0, 'landlord');
      await owner.command('create_room', { room_id: 'flat', visibility: 'private' });
      for (const user_id of ['zoe', 'adam'])
        await owner.command('set_member', { room_id: 'flat', user_id, role: 'member' });
      for (const index of [0, 1]) {
        await (await cluster.connect(index, 'zoe')).command('join_room', { room_id: 'flat' });
      }
      await (await cluster.connect(1, 'adam')).command('join_room', { room_id: 'flat' });
      await owner.command('join_room', { room_id: 'flat' });
      await owner.command('room_message', { room_id: 'flat', content: 'hello' });
      expect(await get<Static<typeof RoomAnswer>>(1, 'rooms/flat')).toMatchObject({
        room: { id: 'flat', owner_id: 'landlord', visibility: 'private', member_count: 3 },
        seq: 1,
        roles: [
          { user_id: 'adam', role: 'member' },
          { user_id: 'zoe', role: 'member' },
        ],
        roles_more: false,
        nodes: [
          { node_id: 'n1', members: 2 },
          { node_id: 'n2', members: 2 },
        ],
      });
      expect((await ask(0, 'rooms/nowhere')).body).toMatchObject({ name: 'RoomNotFound' });
    });

    it.each(['sort=age', 'sort=created&cursor=none', 'sort=members&cursor=abc', 'limit=0', 'limit=201'])(
      'are not listed by what is no order, page or number: %s',
      async (query) => {
        expect(await ask(0, `rooms?${query}`)).toMatchObject({ status: 400, body: { name: 'InvalidFormat' } });
      },
    );
  });

  describe('users', () => {
    it('are shown with their connections at all nodes, what these may do, and their roles', async () => {
      const eve = await cluster.connect(0, 'eve', { permissions: ['create:room', 'join:room'] });
      await eve.command('create_room', { room_id: 'hers' });
      await eve.command('join_room', { room_id: 'hers' });
      const other = await cluster.connect(1, 'eve', { permissions: [] });
      const mine = await cluster.connect(1, 'landlady');
      await mine.command('create_room', { room_id: 'theirs' });
      await mine.command('set_member', { room_id: 'theirs', user_id: 'eve', role: 'moderator' });
      const id = (await other.next('connected')).connection_id;
      expect(await get<Static<typeof UserAnswer>>(1, 'users/eve')).toMatchObject({
        user_id: 'eve',
        username: 'eve',
        known: true,
        connections: [
          {
            node_id: 'n1',
            rooms: ['hers'],
            permissions: ['create:room', 'join:room'],
            queue_bytes: expect.any(Number),
          },
          { node_id: 'n2', connection_id: id, permissions: [], expires_at: expect.any(Number) },
        ],
        connections_more: false,
        owned_rooms: 1,
        roles: [{ room_id: 'theirs', role: 'moderator' }],
      });
      expect(await get(0, 'users/nobody')).toMatchObject({ known: false, connections: [], roles: [], owned_rooms: 0 });
    });

    it('are known by their account before they ever connect', async () => {
      const account = { username: 'Erin', password: 'correct horse' };
      await cluster.node(0).fetch('POST', '/api/auth/register', { body: account });
      expect(await get(1, 'users/erin')).toMatchObject({ username: 'Erin', known: true, connections: [] });
    });

    it('have their connections filtered in the list of all', async () => {
      for (const index of [0, 1, 1]) await cluster.connect(index, 'frank');
      await cluster.connect(0, 'grace');
      const token = cluster.node(0).token('root', { permissions: ['admin:system'] });
      const page = await cluster
        .node(0)
        .fetch<{ clients: object[] }>('GET', '/api/clients?user_id=frank&limit=2', { token });
      expect(page.body).toMatchObject({ total_clients: 3, clients: [{ user_id: 'frank' }, { user_id: 'frank' }] });
      expect(page.body).toHaveProperty('next_cursor');
    });
  });

  it('explain a refusal by what a client would send', async () => {
    const owner = await cluster.connect(0, 'host');
    await owner.command('create_room', { room_id: 'club' });
    await owner.command('set_member', { room_id: 'club', user_id: 'mallory', role: 'banned' });
    await cluster.connect(0, 'mallory');
    const joining = { user_id: 'mallory', command: 'join_room' };
    for (const about of [{ room_id: 'club' }, { data: { room_id: 'club', history: 0 } }]) {
      expect((await ask(1, 'explain', { ...joining, ...about })).body).toMatchObject({ allowed: false, rule: 'ban' });
    }
    const kick = { user_id: 'host', command: 'kick_member', data: { room_id: 'club', user_id: 'mallory' } };
    expect((await ask(1, 'explain', kick)).body).toMatchObject({ rule: 'membership', error: { name: 'NotInRoom' } });
    expect(await ask(1, 'explain', joining)).toMatchObject({ status: 400, body: { details: [{ path: '/room_id' }] } });
  });

  it('show the configuration with who said so, and no secret', async () => {
    const { status, text, body } = await ask<Static<typeof ConfigAnswer>>(1, 'config');
    const { auth, metrics } = cluster.node(1).config;
    expect([status, body.node_id, body.file]).toEqual([200, 'n2', null]);
    const key = (name: string) => body.keys.find((one) => one.key === name);
    expect(key('auth.secret')).toMatchObject({ value: '…', source: 'code', reloadable: false });
    expect(key('metrics.token')).toMatchObject({ value: '…', source: 'code', reloadable: true });
    expect(key('cluster.repair_ms')).toMatchObject({ value: 200, default: 1000, unit: 'ms', source: 'code' });
    expect(key('limits.flush_ms')).toMatchObject({ source: 'default', environment: 'HUBBUB_LIMITS_FLUSH_MS' });
    for (const secret of [auth.secret, metrics.token]) expect(text).not.toContain(secret);
  });

  it('drain a node once, however often that is asked for: a second signal would end it at once', async () => {
    const gateway = await startGateway();
    const signals: string[] = [];
    const onSignal = (signal: string) => void signals.push(signal);
    process.on('SIGTERM', onSignal);
    const token = gateway.token('root', { permissions: ['admin:system'] });
    const { body } = await gateway.fetch<Static<typeof SeriesAnswer>>('GET', '/api/operator/series', { token });
    const path = `/api/operator/nodes/${body.nodes[0]?.node_id}/drain`;
    const drain = async () => (await gateway.fetch('POST', path, { token })).status;
    expect([await drain(), await drain()]).toEqual([202, 202]);
    while (signals.length === 0) await new Promise(setImmediate);
    await gateway.app.get(Drain, { strict: false }).start();
    expect(await drain()).toBe(202);
    await gateway.close();
    await sleep(150);
    process.off('SIGTERM', onSignal);
    expect(signals).toEqual(['SIGTERM']);
  });

  it('are for admin:system', async () => {
    const token = cluster.node(0).token('user');
    for (const path of ['series', 'rooms', 'rooms/flat', 'users/eve', 'config']) {
      const { status } = await cluster.node(0).fetch('GET', `/api/operator/${path}`, { token });
      expect([path, status]).toEqual([path, 403]);
    }
    for (const path of ['explain', 'nodes/n1/drain']) {
      const { status } = await cluster.node(0).fetch('POST', `/api/operator/${path}`, { token, body: {} });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});
