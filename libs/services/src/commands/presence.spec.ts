import { describeWithBroker } from '@hubbub/bus/testing';
import { isValid, SERVICE_COMMANDS } from '@hubbub/protocol';
import { AskedNodes, WAYS } from '../testing/asked-nodes.js';

/** Where users are and what they may; each over NATS and over HTTP. */
describeWithBroker('nats', 'services and users', () => {
  let nodes: AskedNodes;

  beforeAll(async () => {
    nodes = await AskedNodes.open({ auth: { admins: ['root'] } });
    await nodes.ask('HTTP', 'create_room', { room_id: 'one' });
    await nodes.ask('HTTP', 'create_room', { room_id: 'two' });
  });
  afterAll(() => nodes.close());
  afterEach(async () => {
    for (const { clients } of [nodes.first, nodes.second]) for (const client of clients) await client.close();
  });

  describe.each(WAYS)('over %s', (way) => {
    it('`presence` says of users of all nodes how often they are connected, where, and in which state', async () => {
      const [here, there] = [await nodes.first.connect('alice'), await nodes.second.connect('alice')];
      await here.command('join_room', { room_id: 'one' });
      await there.command('join_room', { room_id: 'one' });
      await there.command('join_room', { room_id: 'two' });
      await here.command('set_presence', { state: { mood: 'busy' } });
      await there.command('set_presence', { room_id: 'two', state: { typing: true } });
      const bob = await nodes.second.connect('bob');
      await bob.settle();
      const answer = await nodes.ask(way, 'presence', { user_ids: ['bob', 'nobody', 'alice'] });
      expect(isValid(SERVICE_COMMANDS.presence.replyData, answer)).toBe(true);
      const [first, second, third] = answer.users;
      expect([answer.users.length, answer.unconfirmed]).toEqual([3, undefined]);
      expect(first).toEqual({ user_id: 'bob', online: true, connections: 1, rooms: [] });
      expect(second).toEqual({ user_id: 'nobody', online: false, connections: 0, rooms: [] });
      expect(third).toMatchObject({ user_id: 'alice', online: true, connections: 2, state: { mood: 'busy' } });
      const rooms = [...(third?.rooms ?? [])].sort((a, b) => (a.room_id < b.room_id ? -1 : 1));
      expect(rooms).toMatchObject([
        { room_id: 'one', state: { mood: 'busy' } },
        { room_id: 'two', state: { typing: true } },
      ]);
    });

    it('`presence` is for a thousand users at once, and names the node that did not answer', async () => {
      await nodes.first.connect('user-999');
      const user_ids = Array.from({ length: 1000 }, (_, n) => `user-${n}`);
      const { users, unconfirmed } = await nodes.whileSilent(() => nodes.ask(way, 'presence', { user_ids }));
      expect([users.map(({ user_id }) => user_id), unconfirmed]).toEqual([user_ids, ['n2']]);
      expect(users.filter(({ online }) => online)).toMatchObject([{ user_id: 'user-999', connections: 1 }]);
      expect(await nodes.refusal(way, 'presence', { user_ids: [...user_ids, 'one more'] })).toMatchObject({
        name: 'InvalidFormat',
        details: [{ path: '/user_ids' }],
      });
      expect(await nodes.ask(way, 'presence', { user_ids: [] })).toEqual({ users: [] });
    });

    it('`permissions` says what each connection may by its token, and what the account would be granted', async () => {
      await nodes.first.fetch('POST', '/api/auth/register', { body: { username: 'Root', password: 'correct horse' } });
      const grants = ['read:message', 'send:message@support.*'];
      const here = await nodes.first.connect('root', { permissions: grants });
      await nodes.second.connect('root', { permissions: [] });
      const { connection_id } = await here.next('connected');
      const answer = await nodes.ask(way, 'permissions', { user_id: 'root' });
      expect(isValid(SERVICE_COMMANDS.permissions.replyData, answer)).toBe(true);
      expect(answer.connections).toHaveLength(2);
      expect(answer.connections).toContainEqual({
        ...{ connection_id, node_id: 'n1', anonymous: false, permissions: grants, expires_at: expect.any(Number) },
      });
      expect(answer.connections).toContainEqual(expect.objectContaining({ node_id: 'n2', permissions: [] }));
      expect(answer.account?.username).toBe('Root');
      expect(answer.account?.permissions).toEqual(expect.arrayContaining(['read:message', 'admin:system']));
    });

    it('`permissions` of one who has neither is empty, and names the node that did not answer', async () => {
      expect(await nodes.ask(way, 'permissions', { user_id: 'nobody' })).toEqual({
        user_id: 'nobody',
        connections: [],
      });
      const unsure = await nodes.whileSilent(() => nodes.ask(way, 'permissions', { user_id: 'nobody' }));
      expect(unsure).toEqual({ user_id: 'nobody', connections: [], unconfirmed: ['n2'] });
    });

    it.each([
      ['presence', { user_ids: 'alice' }],
      ['permissions', { user_id: '' }],
    ] as const)('`%s` is for admin:system, and wrong data is named', async (name, wrong) => {
      expect(await nodes.refusal(way, name, {}, { permissions: ['admin:room'] })).toMatchObject({
        name: 'Forbidden',
        details: { permission: 'admin:system' },
      });
      expect(await nodes.refusal(way, name, wrong)).toMatchObject({ name: 'InvalidFormat' });
    });
  });

  it('`presence` of many who are in many rooms is read from a node in parts', async () => {
    const rooms = Array.from({ length: 20 }, (_, n) => `${n}-${'x'.repeat(120)}`);
    for (const room_id of rooms) await nodes.ask('HTTP', 'create_room', { room_id, max_clients: 0 });
    const user_ids = Array.from({ length: 120 }, (_, n) => `walker-${n}`);
    const walkers = await Promise.all(user_ids.map((userId) => nodes.second.connect(userId)));
    for (const room_id of rooms)
      await Promise.all(walkers.map((walker) => walker.command('join_room', { room_id, history: 0 })));
    const { users } = await nodes.ask('NATS', 'presence', { user_ids });
    expect(users.map((user) => [user.user_id, user.rooms.length])).toEqual(user_ids.map((userId) => [userId, 20]));
  });
});
