import { recordRoom, startCluster, startGateway, type TestCluster } from './index.js';

describe('people who talk', () => {
  let cluster: TestCluster;
  const faults = { lose: 0.2, double: 0.1, delay: 0.3, seed: 7 };

  beforeAll(async () => {
    cluster = await startCluster(3, { cluster: { repairMs: 100 }, faults });
  });
  afterEach(() => cluster.closeClients());
  afterAll(() => cluster.close());

  it('all have everything, over a bus that loses, doubles and delays', async () => {
    const talk = await cluster.talk({ people: 12, rooms: 3, messages: 300 });
    await talk.expectNoLoss();
    expect([talk.clients.length, talk.rooms.length]).toEqual([12, 3]);
    const got = talk.clients.flatMap(({ frames }) => frames.filter(({ data }) => data['seq'] && data['content']));
    expect(got).toHaveLength(300 * 11);
    for (const fault of ['lost', 'doubled', 'delayed'] as const) {
      expect(cluster.buses.reduce((sum, { counts }) => sum + counts[fault], 0)).toBeGreaterThan(0);
    }
  });

  it('say the same for the same seed', async () => {
    await using gateway = await startGateway();
    const said = async (seed: number) => {
      const talk = await gateway.talk({ people: 3, rooms: 2, messages: 20, seed });
      return talk.clients.map(({ posted }) =>
        [...posted.values()].flatMap(({ data }) => {
          const { content, room_id } = data as { content?: { n: number }; room_id: string };
          return content === undefined ? [] : [`${content.n} ${talk.rooms.indexOf(room_id)}`];
        }),
      );
    };
    const [one, two, other] = [await said(5), await said(5), await said(6)];
    expect(one).toEqual(two);
    expect(one).not.toEqual(other);
  });
});

it('a recording names who has not got what was acknowledged', async () => {
  await using cluster = await startCluster(2, { cluster: { repairMs: 60_000 } });
  const alice = await cluster.connect(0, 'alice');
  await alice.command('create_room', { room_id: 'lobby' });
  await alice.command('join_room', { room_id: 'lobby' });
  const { ws } = cluster.node(1);
  const bob = await cluster.node(1).open({ token: cluster.node(1).token('bob'), name: 'bob', patienceMs: 3000 }, ws);
  await bob.command('join_room', { room_id: 'lobby' });
  const record = recordRoom([alice, bob], 'lobby');
  await expect(record.expectNoLoss()).rejects.toThrow('Nothing was said in lobby');
  await alice.command('room_message', { room_id: 'lobby', content: 1 });
  await record.expectNoLoss();
  // Nothing brings bob what comes now before a minute has passed.
  cluster.buses[1]?.loseEverything();
  for (const content of [2, 3]) await alice.command('room_message', { room_id: 'lobby', content });
  await expect(record.expectNoLoss()).rejects.toThrow('bob in lobby misses 2–3 of 3');
});
