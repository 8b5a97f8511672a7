import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { ClientProxy } from '@nestjs/microservices';
import { blockOf, runExample } from '../../../scripts/page-examples.mjs';

const page = readFileSync(join(__dirname, '../../../docs/services.md'), 'utf8');

const block = (language: string, words: string) => blockOf(page, language, words);

/** Runs an example of the page as it stands there. @param after what the test wants of its names */
const run = <T>(text: string, after: string) => runExample<T>(`${text}\n${after}`, (name) => jest.requireActual(name));

/** The examples are what people copy: each is run. */
describeWithBroker('nats', 'docs/services.md', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway;
  let alice: TestClient;
  let logged: unknown[][];
  let told: () => void;

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    gateway = await startGateway({ bus: { type: 'nats', url: broker.url, jetstream: true } });
    process.env['NATS_URL'] = broker.url;
    process.env['TOKEN'] = gateway.token('service:shop', { permissions: ['admin:system'] });
    alice = await gateway.connect('alice');
    await alice.command('create_room', { room_id: 'orders' });
    await alice.command('join_room', { room_id: 'orders' });
  });
  beforeEach(() => {
    logged = [];
    jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
      logged.push(words);
      told();
    });
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    delete process.env['NATS_URL'];
    delete process.env['TOKEN'];
    await gateway.close();
    await broker.remove();
  });

  const nextLog = () => new Promise<void>((resolve) => (told = resolve));

  it('has a service that hears messages', async () => {
    const app = await run<{ close(): Promise<void> }>(block('ts', 'class Listener'), 'export const result = app;');
    const heard = nextLog();
    await alice.command('room_message', { room_id: 'orders', content: { pizza: 1 } });
    await heard;
    expect(logged).toEqual([['orders', 1, 'alice', { pizza: 1 }]]);
    await app.close();
  });

  it('has a durable consumer', async () => {
    const [before, endless] = block('ts', 'durable_name').split('for await');
    const nats = await run<NatsConnection>(
      `${before}async function consume() {\nfor await${endless}}`,
      'void consume(); export const result = nats;',
    );
    await nextLog();
    expect(logged).toEqual([
      [expect.stringMatching(/:1$/), expect.objectContaining({ seq: 1, content: { pizza: 1 } })],
    ]);
    await nats.close();
  });

  it('has a client of commands', async () => {
    const client = await run<ClientProxy>(block('ts', 'ClientProxyFactory.create'), 'export const result = gateways;');
    expect(logged).toEqual([[{ room_id: 'orders', seq: 2, epoch: expect.any(String), timestamp: expect.any(Number) }]]);
    expect((await alice.next('room_message')).sender_id).toBe('service:shop');
    await client.close();
  });
});

describeWithBroker('nats', 'the users that docs/services.md gives to NATS', () => {
  let broker: BrokerProcess;
  let gateway: TestGateway;
  const as = (user: string, pass: string) => connect({ servers: `127.0.0.1:${broker.port}`, user, pass });

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats', block('', 'authorization {'));
    const url = `nats://gateway:${encodeURIComponent('change me')}@127.0.0.1:${broker.port}`;
    gateway = await startGateway({ bus: { type: 'nats', url, jetstream: true }, services: { trustNats: true } });
  });
  afterAll(async () => {
    await gateway.close();
    await broker.remove();
  });

  it('let one of them ask and listen, and another read the stream', async () => {
    const [billing, archive] = [await as('billing', 'and me'), await as('archive', 'me too')];
    const heard = new Promise<string>((resolve) => {
      billing.subscribe('hubbub.evt.room.*.room_created', { callback: (_, message) => resolve(message.subject) });
    });
    await billing.flush();
    const answer = await billing.request('hubbub.cmd.create_room', '{"room_id":"r"}', { timeout: 8000 });
    expect(answer.json()).toMatchObject({ response: { room: { id: 'r' } } });
    expect(await heard).toBe('hubbub.evt.room.r.room_created');
    await expect(archive.request('hubbub.cmd.stats', '{}')).rejects.toThrow(/permission/i);
    const manager = await jetstreamManager(archive);
    await manager.consumers.add('HUBBUB_EVENTS', {
      durable_name: 'archive',
      ack_policy: AckPolicy.Explicit,
      filter_subject: 'hubbub.evt.room.*.room_created',
    });
    const consumer = await jetstream(archive).consumers.get('HUBBUB_EVENTS', 'archive');
    const first = await consumer.next();
    expect([first?.subject, await first?.ackAck()]).toEqual(['hubbub.evt.room.r.room_created', true]);
    await billing.close();
    await archive.close();
  });
});
