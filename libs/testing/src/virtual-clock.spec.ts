import { startCluster, startGateway, type TestGateway, type VirtualClock, virtualClock } from './index.js';

describe('a virtual clock', () => {
  let clock: VirtualClock;
  let gateway: TestGateway;

  beforeAll(async () => {
    clock = virtualClock();
    gateway = await startGateway({ presence: { graceMs: 60_000 } });
    const owner = await gateway.connect('owner');
    await owner.command('create_room', { room_id: 'lobby' });
  });
  afterEach(() => gateway.closeClients());
  afterAll(async () => {
    await gateway.close();
    clock.restore();
  });

  it('lets the grace of a lost connection pass, and not a moment earlier', async () => {
    const [alice, bob] = [await gateway.enter('alice', 'lobby'), await gateway.enter('bob', 'lobby')];
    await alice.next('presence', ({ joined }) => joined.some(({ user_id }) => user_id === 'bob'));
    await bob.vanish();
    await clock.advance(55_000);
    await alice.settle();
    expect(alice.pushes('presence').flatMap(({ left }) => left)).toEqual([]);
    await clock.advance(6000);
    await alice.next('presence', ({ left }) => left.some(({ user_id }) => user_id === 'bob'));
  });

  it('lets tokens expire', async () => {
    const exp = Math.floor(clock.now / 1000) + 180;
    const alice = await gateway.connect('alice', { claims: { exp } });
    await clock.advance(110_000);
    await alice.settle();
    expect(alice.pushes('token_expiring')).toEqual([]);
    await clock.advance(15_000);
    expect(await alice.next('token_expiring')).toEqual({ expires_at: exp * 1000 });
    await clock.advance(60_000);
    expect(await alice.closed).toMatchObject({ code: 4501 });
  });

  it('lets a day pass, after which an idempotency key means another message', async () => {
    const post = async () => {
      await using alice = await gateway.enter('alice', 'lobby');
      return await alice.command('room_message', { room_id: 'lobby', content: 'hi', idempotency_key: 'k' });
    };
    const { seq = 0 } = await post();
    await clock.jump(23 * 3600_000);
    expect(await post()).toMatchObject({ seq, duplicate: true });
    await clock.jump(2 * 3600_000);
    expect((await post()).seq).toBe(seq + 1);
  });

  it('is one for all nodes, and keeps them alive to each other', async () => {
    await using cluster = await startCluster(3);
    const alice = await cluster.connect(0, 'alice');
    await alice.command('create_room', { room_id: 'everywhere' });
    const members = [alice, await cluster.connect(1, 'bob'), await cluster.connect(2, 'cid')];
    for (const member of members) await member.command('join_room', { room_id: 'everywhere' });
    await clock.advance(30_000);
    await alice.command('room_message', { room_id: 'everywhere', content: 'still here' });
    for (const member of members.slice(1)) {
      expect((await member.next('room_message')).content).toBe('still here');
      expect(member.ending).toBeUndefined();
    }
  });
});
