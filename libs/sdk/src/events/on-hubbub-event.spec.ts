import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { EVENTS, type EventType, isValid } from '@hubbub/protocol';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HubbubClientModule, type HubbubEventContext, OnHubbubEvent } from '../index.js';
import { Told } from '../testing/told.js';

const EVENT_TYPES = Object.keys(EVENTS) as EventType[];
interface Heard {
  readonly data: Record<string, unknown>;
  readonly context: HubbubEventContext;
}

/** A provider with a handler for each event that there is. */
const heard = Object.fromEntries(EVENT_TYPES.map((type) => [type, new Told<Heard>()])) as Record<
  EventType,
  Told<Heard>
>;
@Injectable()
class Everything {}
for (const type of EVENT_TYPES) {
  const prototype = Everything.prototype as Record<string, unknown>;
  prototype[type] = function (data: Heard['data'], context: HubbubEventContext) {
    heard[type].add({ data, context });
  };
  const descriptor = Object.getOwnPropertyDescriptor(prototype, type) as TypedPropertyDescriptor<() => void>;
  OnHubbubEvent(type)(Everything.prototype, type, descriptor);
  Object.defineProperty(prototype, type, descriptor);
}

describeWithBroker('nats', '@OnHubbubEvent', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway;
  let alice: TestClient;
  let bob: TestClient;
  let service: INestApplicationContext;

  const expectNext = async (type: EventType, matches: (data: Heard['data']) => boolean) => {
    await heard[type].until((all) => all.some(({ data }) => matches(data)));
    const found = heard[type].all.find(({ data }) => matches(data)) as Heard;
    expect([type, isValid(EVENTS[type].data, found.data), found.context.type]).toEqual([type, true, type]);
    return found;
  };

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    const imports = [HubbubClientModule.forRoot({ servers: broker.url, name: 'tests' })];
    const module = { module: class ServiceModule {}, imports, providers: [Everything] };
    service = await NestFactory.createApplicationContext(module, { logger: false });
    gateway = await startGateway({
      bus: { type: 'nats', url: broker.url },
      cluster: { nodeId: 'n1' },
      presence: { graceMs: 0 },
    });
    alice = await gateway.connect('alice', { permissions: ['admin:system'] });
    bob = await gateway.connect('bob');
  });
  afterAll(async () => {
    await service.close();
    await broker.remove();
  });

  it('tells client_connected', async () => {
    const { connection_id } = await alice.next('connected');
    const { data, context } = await expectNext('client_connected', (data) => data['connection_id'] === connection_id);
    expect(data).toMatchObject({ user_id: 'alice', node_id: 'n1' });
    expect(context).toMatchObject({ id: data['id'], attempt: 1, isRepeated: false });
  });

  it('tells client_message', async () => {
    await alice.command('ping');
    await expectNext('client_message', ({ user_id, message_type }) => user_id === 'alice' && message_type === 'ping');
  });

  it('tells client_error', async () => {
    await alice.request('join_room', { room_id: 'nowhere' });
    await expectNext('client_error', ({ user_id, name }) => user_id === 'alice' && name === 'RoomNotFound');
  });

  it('tells room_created', async () => {
    await alice.command('create_room', { room_id: 'a.b' });
    await expectNext('room_created', ({ room_id, actor_id }) => room_id === 'a.b' && actor_id === 'alice');
  });

  it('tells room_joined', async () => {
    await alice.command('join_room', { room_id: 'a.b' });
    await bob.command('join_room', { room_id: 'a.b' });
    await expectNext('room_joined', ({ room_id, user_id }) => room_id === 'a.b' && user_id === 'bob');
  });

  it('tells room_message', async () => {
    const { epoch } = await alice.command('room_message', { room_id: 'a.b', content: { x: 1 } });
    const { data, context } = await expectNext('room_message', ({ room_id }) => room_id === 'a.b');
    expect([data['content'], context.id]).toEqual([{ x: 1 }, `${epoch}:1`]);
  });

  it('tells room_left', async () => {
    await bob.command('leave_room', { room_id: 'a.b' });
    await expectNext('room_left', ({ room_id, user_id }) => room_id === 'a.b' && user_id === 'bob');
  });

  it('tells room_updated, message_redacted, member_set, member_kicked and presence', async () => {
    await bob.command('join_room', { room_id: 'a.b' });
    await alice.command('update_room', { room_id: 'a.b', name: 'Letters' });
    await alice.command('redact_message', { room_id: 'a.b', seq: 1 });
    await bob.command('set_presence', { room_id: 'a.b', state: { mood: 'calm' } });
    await alice.command('set_member', { room_id: 'a.b', user_id: 'bob', role: 'moderator' });
    await alice.command('kick_member', { room_id: 'a.b', user_id: 'bob' });
    await expectNext('room_updated', ({ room }) => (room as { name: string }).name === 'Letters');
    await expectNext('message_redacted', ({ seq }) => seq === 1);
    await expectNext('presence', ({ state }) => (state as { mood: string }).mood === 'calm');
    await expectNext('member_set', ({ role }) => role === 'moderator');
    await expectNext('member_kicked', ({ user_id }) => user_id === 'bob');
  });

  it('tells room_deleted', async () => {
    await alice.command('delete_room', { room_id: 'a.b' });
    await expectNext('room_deleted', ({ room_id }) => room_id === 'a.b');
  });

  it('tells client_disconnected', async () => {
    await bob.close();
    await expectNext('client_disconnected', ({ user_id, clean }) => user_id === 'bob' && clean === true);
  });

  it('tells user_online, user_offline and node_joined', async () => {
    await expectNext('user_online', ({ user_id }) => user_id === 'bob');
    await expectNext('user_offline', ({ user_id }) => user_id === 'bob');
    await expectNext('node_joined', ({ node_id }) => node_id === 'n1');
  });

  it('tells node_left', async () => {
    await gateway.close();
    await expectNext('node_left', ({ node_id }) => node_id === 'n1');
  });

  it('was heard of every event that there is', () => {
    expect(EVENT_TYPES.filter((type) => heard[type].all.length === 0)).toEqual([]);
  });
});
