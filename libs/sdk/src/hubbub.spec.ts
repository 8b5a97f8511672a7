import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Hubbub, HubbubClientModule, type HubbubClientOptions } from './index.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Titles begin with what GoHub's SDK calls it. */
describeWithBroker('nats', 'Hubbub', () => {
  let broker: BrokerProcess;
  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
  });
  afterAll(() => broker.remove());

  describe.each(['NATS', 'HTTP'])('over %s', (way) => {
    let gateway: TestGateway;
    let service: INestApplicationContext;
    let hubbub: Hubbub;
    let alice: TestClient;
    let bob: TestClient;

    beforeAll(async () => {
      gateway = await startGateway({ bus: { type: 'nats', url: broker.url }, presence: { graceMs: 0 } });
      const where: HubbubClientOptions = way === 'NATS' ? { servers: broker.url } : { http: gateway.http };
      const token = () => gateway.token('service:shop', { username: 'Shop', permissions: ['admin:system'] });
      const imports = [HubbubClientModule.forRootAsync({ useFactory: () => ({ ...where, token }) })];
      service = await NestFactory.createApplicationContext(
        { module: class ServiceModule {}, imports },
        { logger: false },
      );
      hubbub = service.get(Hubbub, { strict: false });
      alice = await gateway.connect('alice');
      bob = await gateway.connect('bob');
    });
    afterAll(async () => {
      await service.close();
      await gateway.close();
    });

    const connectionOf = async (client: TestClient) => (await client.next('connected')).connection_id;

    it('count clients: clients.count(), users.count() and stats()', async () => {
      expect(await hubbub.clients.count()).toBe(2);
      expect(await hubbub.users.count()).toBe(2);
      expect(await hubbub.stats()).toMatchObject({ client_count: 2, user_count: 2, nodes: [expect.anything()] });
    });

    it('get clients: clients.get() and clients.list()', async () => {
      const connectionId = await connectionOf(alice);
      expect(await hubbub.clients.get(connectionId)).toMatchObject({ connection_id: connectionId, user_id: 'alice' });
      expect((await all(hubbub.clients.list())).map(({ user_id }) => user_id).sort()).toEqual(['alice', 'bob']);
      await expect(hubbub.clients.get('nobody')).rejects.toMatchObject({ name: 'ClientNotFound' });
    });

    it('broadcast all: broadcast()', async () => {
      await hubbub.broadcast({ maintenance: true });
      expect(await bob.next('broadcast')).toMatchObject({ message: { maintenance: true }, sender_id: 'service:shop' });
    });

    it('send to client: clients.send(), users.send() and users.message()', async () => {
      const carol = await gateway.connect('carol');
      const connectionId = await connectionOf(carol);
      expect(await hubbub.clients.send(connectionId, 'order_paid', { order: 1 })).toMatchObject({ delivered: 1 });
      expect((await carol.nextFrame(({ message_type }) => message_type === 'order_paid')).data).toEqual({ order: 1 });
      expect(await hubbub.users.send('carol', 'order_sent')).toMatchObject({ delivered: 1 });
      await carol.nextFrame(({ message_type }) => message_type === 'order_sent');
      const first = await hubbub.users.message('carol', 'hello', { idempotencyKey: 'k' });
      expect(first).toMatchObject({ delivered: 1 });
      expect(await hubbub.users.message('carol', 'hello', { idempotencyKey: 'k' })).toMatchObject({ duplicate: true });
      expect(await carol.next('direct_message')).toMatchObject({ sender_id: 'service:shop', content: 'hello' });
      await carol.close();
    });

    it('create room: rooms.create()', async () => {
      const created = await hubbub.rooms.create({ room_id: 'orders', max_clients: 5, metadata: { topic: 'orders' } });
      expect(created).toMatchObject({ id: 'orders', max_clients: 5, member_count: 0 });
      await expect(hubbub.rooms.create({ room_id: 'orders' })).rejects.toMatchObject({ name: 'RoomAlreadyExists' });
      expect((await hubbub.rooms.create()).id).toEqual(expect.any(String));
    });

    it('get room: rooms.get() and rooms.update()', async () => {
      expect(await hubbub.rooms.update('orders', { name: 'All orders' })).toMatchObject({ name: 'All orders' });
      expect(await hubbub.rooms.get('orders')).toMatchObject({ id: 'orders', name: 'All orders' });
      await expect(hubbub.rooms.get('nowhere')).rejects.toMatchObject({ name: 'RoomNotFound' });
    });

    it('list rooms: rooms.list() goes through all pages', async () => {
      const ids = Array.from({ length: 205 }, (_, at) => `many.${String(at).padStart(3, '0')}`);
      await Promise.all(ids.map((id) => hubbub.rooms.create({ room_id: id })));
      expect((await all(hubbub.rooms.list({ prefix: 'many.' }))).map(({ id }) => id)).toEqual(ids);
    });

    it('join room: rooms.join()', async () => {
      expect(await hubbub.rooms.join('orders', 'alice')).toMatchObject({ joined: 1, already: 0, refused: [] });
      expect(await alice.next('room_joined')).toMatchObject({ room_id: 'orders' });
      await hubbub.rooms.join('orders', 'bob');
      await expect(hubbub.rooms.join('orders', 'nobody')).rejects.toMatchObject({ name: 'ClientOffline' });
    });

    it('room members: rooms.members() and rooms.memberCount()', async () => {
      expect((await all(hubbub.rooms.members('orders'))).map(({ user_id }) => user_id).sort()).toEqual([
        'alice',
        'bob',
      ]);
      expect(await hubbub.rooms.memberCount('orders')).toBe(2);
    });

    it('broadcast to room: rooms.publish() once for one key, and rooms.history()', async () => {
      const posted = await hubbub.rooms.publish('orders', { paid: 1 }, { idempotencyKey: 'paid-1' });
      expect(await hubbub.rooms.publish('orders', { paid: 1 }, { idempotencyKey: 'paid-1' })).toEqual({
        ...posted,
        duplicate: true,
      });
      for (const client of [alice, bob]) {
        expect(await client.next('room_message')).toMatchObject({ content: { paid: 1 }, sender_name: 'Shop' });
      }
      expect((await hubbub.rooms.history('orders', { limit: 10 })).messages).toMatchObject([{ content: { paid: 1 } }]);
    });

    it('broadcast to room with exclude: rooms.publish() of what is ephemeral, in the name of a user', async () => {
      const options = { ephemeral: true, senderId: 'alice', senderName: 'Alice' };
      await hubbub.rooms.publish('orders', 'typing', { ...options, excludeSender: true });
      await hubbub.rooms.publish('orders', 'for alice', { ...options, exclude: ['bob'] });
      expect(await bob.next('room_message')).toMatchObject({
        content: 'typing',
        sender_id: 'alice',
        sender_name: 'Alice',
      });
      expect(await alice.next('room_message')).toMatchObject({ content: 'for alice' });
      await expect(hubbub.rooms.publish('orders', 'stored', { exclude: ['bob'] })).rejects.toMatchObject({
        name: 'InvalidFormat',
      });
    });

    it('moderation: rooms.redact(), rooms.kick() and rooms.setRole()', async () => {
      await hubbub.rooms.redact('orders', 1);
      expect(await alice.next('message_redacted')).toMatchObject({ seq: 1 });
      await hubbub.rooms.kick('orders', 'bob', 'spam');
      expect(await bob.next('member_kicked')).toMatchObject({ user_id: 'bob', reason: 'spam' });
      await hubbub.rooms.setRole('orders', 'bob', 'banned');
      await expect(hubbub.rooms.join('orders', 'bob')).rejects.toMatchObject({ name: 'Forbidden' });
      await hubbub.rooms.setRole('orders', 'bob', 'none');
    });

    it('presence of users whose ids are too long for one command', async () => {
      const ids = ['alice', ...Array.from({ length: 999 }, (_, at) => `${at}${'é'.repeat(120)}`)];
      expect((await hubbub.users.presence(ids)).map(({ user_id }) => user_id)).toEqual(ids);
      expect(await hubbub.users.online(ids)).toEqual(new Set(['alice']));
    });

    it('presence of users in bulk: users.presence() and users.online(), of more than one command takes', async () => {
      await alice.command('set_presence', { state: { mood: 'calm' } });
      const ids = ['alice', ...Array.from({ length: 1500 }, (_, at) => `u${at}`), 'bob'];
      const users = await hubbub.users.presence(ids);
      expect(users.map(({ user_id }) => user_id)).toEqual(ids);
      expect(users[0]).toMatchObject({ online: true, connections: 1, rooms: [{ room_id: 'orders' }] });
      expect(await hubbub.users.online(ids)).toEqual(new Set(['alice', 'bob']));
    });

    it('permissions: users.permissions() and users.explain()', async () => {
      const { connections } = await hubbub.users.permissions('alice');
      expect(connections).toMatchObject([{ permissions: expect.arrayContaining(['send:message']) }]);
      expect(await hubbub.users.explain('alice', 'room_message', 'orders')).toMatchObject({ allowed: true });
      const refused = await hubbub.users.explain('bob', 'room_message', 'orders');
      expect(refused).toMatchObject({ allowed: false, rule: expect.any(String), error: { name: 'NotInRoom' } });
    });

    it('leave room: rooms.remove()', async () => {
      expect(await hubbub.rooms.remove('orders', 'alice')).toMatchObject({ left: 1 });
      expect(await alice.next('room_left')).toMatchObject({ room_id: 'orders' });
      await expect(hubbub.rooms.remove('orders', 'alice')).rejects.toMatchObject({ name: 'NotInRoom' });
    });

    it('delete room: rooms.delete()', async () => {
      await hubbub.rooms.delete('orders');
      await expect(hubbub.rooms.get('orders')).rejects.toMatchObject({ name: 'RoomNotFound' });
    });

    it('disconnect client: clients.disconnect() and users.disconnect()', async () => {
      const [first, second] = [await gateway.connect('dave'), await gateway.connect('dave')];
      expect(await hubbub.clients.disconnect(await connectionOf(first))).toMatchObject({ closed: 1, unconfirmed: [] });
      expect((await first.closed).code).toBe(4502);
      expect(await hubbub.users.disconnect('dave')).toMatchObject({ closed: 1 });
      expect((await second.closed).code).toBe(4502);
    });

    it('revoke: users.revoke() and users.revokeToken()', async () => {
      const [eve, frank] = [await gateway.connect('eve'), await gateway.connect('frank', { claims: { jti: 'f1' } })];
      expect(await hubbub.users.revoke('eve')).toMatchObject({ closed: 1, unconfirmed: [] });
      expect(await hubbub.users.revokeToken('f1')).toMatchObject({ closed: 1, unconfirmed: [] });
      for (const client of [eve, frank]) expect((await client.closed).code).toBe(4502);
    });

    it('any command: command()', async () => {
      expect(await hubbub.command('online', { user_ids: ['alice'] })).toEqual({ online: ['alice'], count: 2 });
    });
  });

  it('needs to know where the gateways are', async () => {
    const start = NestFactory.createApplicationContext(HubbubClientModule.forRoot({}), {
      logger: false,
      abortOnError: false,
    });
    await expect(start).rejects.toThrow('HubbubClientModule needs `servers` (of NATS) or `http` (of a gateway)');
  });
});
