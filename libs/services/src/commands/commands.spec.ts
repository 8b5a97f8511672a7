import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { isValid, SERVICE_COMMANDS, type ServiceCommand } from '@hubbub/protocol';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { type ClientProxy, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';

type Answer = Record<string, unknown>;

/** Asked by a stock client of Nest; what PROTOCOL says of the command of that name is said of these too. */
describeWithBroker('nats', 'commands of services', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway;
  let nest: ClientProxy;
  let token: string;
  let alice: TestClient;

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    gateway = await startGateway({ bus: { type: 'nats', url: broker.url } });
    nest = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [broker.url] } });
    await nest.connect();
    token = gateway.token('service:billing', { username: 'Billing', permissions: ['admin:system'] });
    alice = await gateway.connect('alice');
  });
  afterAll(async () => {
    await nest.close();
    await gateway.close();
    await broker.remove();
  });

  const send = (name: ServiceCommand, data: object = {}): Promise<Answer> =>
    lastValueFrom(nest.send<Answer>(`hubbub.cmd.${name}`, { token, ...data }));
  const fail = async (name: ServiceCommand, data: object = {}): Promise<unknown> => {
    const answer = await send(name, data).catch((error: unknown) => ({ error }));
    return (answer as { error?: unknown }).error;
  };

  describe('each', () => {
    const asked = new Set<ServiceCommand>();
    const ask = async (name: ServiceCommand, data: object = {}) => {
      const answer = await send(name, data);
      expect([name, answer, isValid(SERVICE_COMMANDS[name].replyData, answer)]).toEqual([name, answer, true]);
      asked.add(name);
      return answer;
    };

    it('about rooms does what the command of a client does', async () => {
      const metadata = { topic: 'orders' };
      const created = await ask('create_room', { room_id: 'orders', max_clients: 5, metadata });
      expect(created).toMatchObject({ room: { id: 'orders', max_clients: 5, member_count: 0, metadata } });
      expect(created).not.toHaveProperty('room.owner_id');
      await alice.command('join_room', { room_id: 'orders' });
      await ask('update_room', { room_id: 'orders', name: 'All orders' });
      expect((await alice.next('room_updated')).room).toMatchObject({ name: 'All orders', member_count: 1 });
      expect(await ask('get_room', { room_id: 'orders' })).toMatchObject({ room: { name: 'All orders' } });
      expect(await ask('list_rooms', { prefix: 'ord' })).toMatchObject({ rooms: [{ id: 'orders' }] });
      expect(await ask('room_members', { room_id: 'orders' })).toMatchObject({ members: [{ user_id: 'alice' }] });
    });

    it('posts in its own name, once for one key, to all members', async () => {
      const message = { room_id: 'orders', content: 'paid', idempotency_key: 'k1' };
      const posted = await ask('room_message', message);
      expect(posted).toMatchObject({ room_id: 'orders', seq: 1 });
      expect(await ask('room_message', message)).toEqual({ ...posted, duplicate: true });
      const { seq: none, ...rest } = await ask('room_message', {
        room_id: 'orders',
        content: 'typing',
        ephemeral: true,
      });
      expect([none, rest.epoch]).toEqual([undefined, posted.epoch]);
      const first = await alice.next('room_message');
      expect(first).toMatchObject({ sender_id: 'service:billing', sender_name: 'Billing', content: 'paid', seq: 1 });
      expect(await alice.next('room_message')).toMatchObject({ content: 'typing', ephemeral: true });
      expect(await ask('room_history', { room_id: 'orders' })).toMatchObject({ messages: [{ content: 'paid' }] });
      await ask('redact_message', { room_id: 'orders', seq: 1 });
      expect(await alice.next('message_redacted')).toEqual({ room_id: 'orders', seq: 1 });
      expect(await ask('room_history', { room_id: 'orders' })).toMatchObject({ messages: [{ redacted: true }] });
    });

    it('keeps the order, and to the user what is his', async () => {
      await ask('set_member', { room_id: 'orders', user_id: 'mallory', role: 'banned', reason: 'spam' });
      expect(await alice.next('member_set')).toMatchObject({ user_id: 'mallory', role: 'banned' });
      await ask('kick_member', { room_id: 'orders', user_id: 'alice', reason: 'bye' });
      expect(await alice.next('member_kicked')).toMatchObject({ user_id: 'alice', reason: 'bye' });
      expect(await ask('direct_message', { target_id: 'alice', content: 'hello' })).toMatchObject({ delivered: 1 });
      expect(await alice.next('direct_message')).toMatchObject({ sender_id: 'service:billing', content: 'hello' });
      await ask('delete_room', { room_id: 'orders' });
      expect(await fail('get_room', { room_id: 'orders' })).toMatchObject({ code: 3000 });
    });

    it('of operators is answered as their HTTP routes are', async () => {
      await ask('broadcast', { message: { maintenance: true } });
      expect(await alice.next('broadcast')).toEqual({ message: { maintenance: true }, sender_id: 'service:billing' });
      expect(await ask('stats')).toMatchObject({ client_count: 1, user_count: 1, cluster_mode: true });
      const online = await ask('online', { user_ids: ['alice', 'nobody'] });
      expect(online).toEqual({ online: ['alice'], count: 1 });
      const bob = await gateway.connect('bob');
      const carol = await gateway.connect('carol');
      const dave = await gateway.connect('dave', { claims: { jti: 'd1' } });
      const { clients } = (await ask('clients', { limit: 10 })) as { clients: { connection_id: string }[] };
      const { connection_id } = await bob.next('connected');
      expect(clients.map((client) => client.connection_id)).toContain(connection_id);
      expect(await ask('disconnect', { connection_id })).toMatchObject({ closed: 1, unconfirmed: [] });
      expect(await ask('revoke_user', { user_id: 'carol' })).toMatchObject({ closed: 1 });
      expect(await ask('revoke_token', { token_id: 'd1' })).toMatchObject({ closed: 1 });
      for (const client of [bob, carol, dave]) expect((await client.closed).code).toBe(4502);
    });

    const elsewhere = [
      ...['get_client', 'disconnect_user', 'send_to_user', 'send_to_client', 'join_user', 'leave_user'],
      ...['presence', 'permissions', 'explain'],
    ];

    it('was asked here, or has a spec of its own', () => {
      expect([...asked, ...elsewhere].sort()).toEqual(Object.keys(SERVICE_COMMANDS).sort());
    });
  });

  it('are refused with the errors of PROTOCOL §8', async () => {
    await send('create_room', { room_id: 'there' });
    expect(await fail('create_room', { room_id: 'there' })).toMatchObject({ code: 3001, name: 'RoomAlreadyExists' });
    expect(await fail('room_message', { room_id: 'nowhere', content: 1 })).toEqual({
      ...{ code: 3000, name: 'RoomNotFound', message: expect.any(String), retryable: false },
    });
    const [missing, wrong] = [await fail('set_member', { room_id: 'there' }), await fail('stats', { token: 7 })];
    expect(missing).toMatchObject({ code: 1001, details: [{ path: expect.any(String), message: expect.any(String) }] });
    expect(wrong).toMatchObject({ code: 2003 });
    expect(await fail('get_room', { room_id: '*' })).toMatchObject({ code: 1001 });
    expect(await fail('broadcast', { message: '' })).toMatchObject({ code: 1001 });
    expect(await fail('disconnect', { connection_id: 'nobody' })).toMatchObject({ code: 4000 });
    expect(await fail('redact_message', { room_id: 'there', seq: 7 })).toMatchObject({ code: 4003 });
  });

  it('say by their token who asks, and what he may', async () => {
    const past = Math.floor(Date.now() / 1000) - 10;
    const poor = gateway.token('service:poor', { permissions: ['send:message@there', 'read:message'] });
    expect(await fail('stats', { token: undefined })).toMatchObject({ code: 2000 });
    expect(await fail('stats', { token: 'broken' })).toMatchObject({ code: 2003 });
    expect(await fail('stats', { token: gateway.token('late', { claims: { exp: past } }) })).toMatchObject({
      code: 2002,
    });
    expect(await fail('stats', { token: poor })).toMatchObject({
      code: 2001,
      details: { permission: 'admin:system' },
    });
    expect(await send('room_message', { token: poor, room_id: 'there', content: 1 })).toMatchObject({ seq: 1 });
    await send('create_room', { room_id: 'elsewhere' });
    expect(await fail('room_message', { token: poor, room_id: 'elsewhere', content: 1 })).toMatchObject({ code: 2001 });
    await send('set_member', { room_id: 'there', user_id: 'service:poor', role: 'banned' });
    expect(await fail('room_message', { token: poor, room_id: 'there', content: 1 })).toMatchObject({ code: 2001 });
    await send('revoke_user', { user_id: 'service:poor' });
    expect(await fail('list_rooms', { token: poor })).toMatchObject({ code: 2003 });
  });

  it('come of a token without everything with the limits of its user', async () => {
    const owner = gateway.token('service:owner');
    const { room } = await send('create_room', { token: owner, room_id: 'owned', visibility: 'private' });
    expect(room).toMatchObject({ owner_id: 'service:owner', visibility: 'private' });
    const other = gateway.token('service:other');
    expect(await fail('get_room', { token: other, room_id: 'owned' })).toMatchObject({ code: 2001 });
    expect(await fail('room_history', { token: other, room_id: 'owned' })).toMatchObject({ code: 2001 });
    expect(await fail('delete_room', { token: other, room_id: 'owned' })).toMatchObject({ code: 2001 });
    await send('delete_room', { token: owner, room_id: 'owned' });
  });
});
