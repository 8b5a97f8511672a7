import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { Metrics, type PartialConfig } from '@hubbub/hubbub';
import {
  type CommandError,
  type FaultyBus,
  startCluster,
  startGateway,
  type TestClient,
  type TestCluster,
} from '@hubbub/testing';

/** Whoever is asked after a change was acknowledged knows of it, whatever he remembers and whatever the bus does. */

/** Nothing but the cache makes good what a node has not heard. */
const CLUSTER = { repairMs: 600_000, nodeTimeoutMs: 1000 };
const refusal = (command: Promise<unknown>) =>
  command.then(
    () => 0,
    (error: CommandError) => error.code,
  );

/** What is done to the buses, that of the node which changes first. */
type Case = readonly [name: string, harm: (buses: readonly FaultyBus[]) => void];

const HEALTHY: Case = ['with a bus', () => undefined];
const CUT: Case = ['when the node that changes has no bus', ([one]) => one?.partition()];
const DEAF: Case = ['when the other node hears nothing', ([, two]) => two?.loseEverything()];
const UNRELIABLE: Case = [
  'with a bus that loses, doubles and delays',
  (buses) => {
    for (const bus of buses) bus.faults = { lose: 0.3, double: 0.2, delay: 0.3 };
  },
];

function describeCache(name: string, cache: () => NonNullable<PartialConfig['cache']>, cases: readonly Case[]): void {
  describe(name, () => {
    let cluster: TestCluster;
    let owner: TestClient;
    let bob: TestClient;
    let room_id: string;
    let made = 0;

    beforeAll(async () => {
      cluster = await startCluster(2, { cluster: CLUSTER, cache: cache(), log: { level: 'fatal' } });
    });
    afterAll(() => cluster.close());
    beforeEach(async () => {
      [owner, bob] = [await cluster.node(0).connect('owner'), await cluster.node(1).connect('bob')];
      room_id = `room-${++made}`;
      await owner.command('create_room', { room_id });
    });
    afterEach(async () => {
      for (const bus of cluster.buses) {
        bus.heal();
        bus.behave();
      }
      for (const client of [owner, bob]) await client.close();
    });

    const look = () => refusal(bob.command('room_history', { room_id }));
    const hits = (type: string) => {
      const { cacheHits } = cluster.node(1).app.get(Metrics, { strict: false });
      return cacheHits.samples().find(({ labels }) => labels['type'] === type)?.value ?? 0;
    };
    /** Until the other node answers by what it remembers of the room and of bob. */
    async function remembered(): Promise<void> {
      for (const before = [hits('room'), hits('role')]; ; ) {
        expect(await look()).toBe(0);
        if (hits('room') > (before[0] ?? 0) && hits('role') > (before[1] ?? 0)) return;
      }
    }

    describe.each(cases)('%s', (_, harm) => {
      it('a role that was changed at one node is changed at the other', async () => {
        await remembered();
        harm(cluster.buses);
        await owner.command('set_member', { room_id, user_id: 'bob', role: 'banned' });
        expect(await look()).not.toBe(0);
      });

      it('a room that was changed at one node is changed at the other', async () => {
        await remembered();
        harm(cluster.buses);
        await owner.command('update_room', { room_id, visibility: 'private' });
        expect(await look()).not.toBe(0);
      });

      it('a room that was deleted at one node is so at the other', async () => {
        await remembered();
        harm(cluster.buses);
        await owner.command('delete_room', { room_id });
        expect(await look()).toBe(3000);
      });

      it('a room that has members at the other node is what it was changed to for whoever comes there', async () => {
        await bob.command('join_room', { room_id });
        const ann = await cluster.node(1).connect('ann');
        await remembered();
        harm(cluster.buses);
        await owner.command('update_room', { room_id, name: 'New' });
        expect((await ann.command('join_room', { room_id })).room.name).toBe('New');
        await ann.close();
      });
    });

    it('a room that is made at one node after it was missed at the other is there', async () => {
      const later = `${room_id}-later`;
      expect(await refusal(bob.command('room_history', { room_id: later }))).toBe(3000);
      await owner.command('create_room', { room_id: later });
      expect(await refusal(bob.command('room_history', { room_id: later }))).toBe(0);
    });

    it('a user who was revoked at one node is refused by the other', async () => {
      const [one, two] = [cluster.node(0), cluster.node(1)];
      const token = two.token('eve');
      const rooms = async () => (await two.fetch('GET', '/api/rooms', { token })).status;
      expect(await rooms()).toBe(200);
      const admin = one.token('root', { permissions: ['admin:system'] });
      await one.fetch('DELETE', '/api/users/eve/sessions', { token: admin });
      expect(await rooms()).toBe(401);
    });

    it('what was answered from memory and what was not is told by /metrics', async () => {
      await remembered();
      const { text } = await cluster.node(1).fetch('GET', '/metrics');
      expect(text).toMatch(/^hubbub_cache_hits_total\{type="room"\} [1-9]/m);
      expect(text).toMatch(/^hubbub_cache_misses_total\{type="role"\} [1-9]/m);
    });
  });
}

describeCache('two nodes with caches in memory', () => ({ type: 'memory' }), [HEALTHY, UNRELIABLE, CUT, DEAF]);

describeWithBroker('redis', 'two nodes with a cache in Redis', () => {
  let redis: BrokerProcess;
  beforeAll(async () => {
    redis = await BrokerProcess.start('redis');
  });
  afterAll(() => redis.remove());

  describeCache('that is there', () => ({ type: 'redis', url: redis.url }), [HEALTHY, CUT]);

  it('serve as well while it is away, and know of every change', async () => {
    const config = {
      cluster: CLUSTER,
      cache: { type: 'redis' as const, url: redis.url },
      log: { level: 'fatal' as const },
    };
    const cluster = await startCluster(2, config);
    const [owner, bob] = [await cluster.node(0).connect('owner'), await cluster.node(1).connect('bob')];
    const room = { room_id: 'room' };
    await owner.command('create_room', room);
    for (let looked = 0; looked < 20; looked++) await bob.command('room_history', room);
    await redis.stop();
    await owner.command('set_member', { ...room, user_id: 'bob', role: 'banned' });
    expect(await refusal(bob.command('room_history', room))).not.toBe(0);
    await redis.start();
    await owner.command('set_member', { ...room, user_id: 'bob', role: 'none' });
    expect(await refusal(bob.command('room_history', room))).toBe(0);
    expect((await cluster.node(0).fetch<{ status: string }>('GET', '/health')).status).toBe(200);
    await cluster.close();
  });

  it('serve a lone node, which believes nothing of what it could not remove', async () => {
    const gateway = await startGateway({ cache: { type: 'redis', url: redis.url }, log: { level: 'fatal' } });
    const [owner, bob] = [await gateway.connect('owner'), await gateway.connect('bob')];
    const room = { room_id: 'room' };
    await owner.command('create_room', room);
    await bob.command('room_history', room);
    await redis.stop();
    await owner.command('set_member', { ...room, user_id: 'bob', role: 'banned' });
    await redis.start();
    expect(await refusal(bob.command('room_history', room))).not.toBe(0);
    await gateway.close();
  });
});
