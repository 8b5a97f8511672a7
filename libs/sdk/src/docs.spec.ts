import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Controller, type INestApplicationContext, type INestMicroservice, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { blockOf, runExample } from '../../../scripts/page-examples.mjs';
import { DEAD_LETTER_STREAM, Hubbub, HubbubClientModule, HubbubEventsStrategy, OnHubbubEvent } from './index.js';

const page = readFileSync(join(__dirname, '../../../docs/services.md'), 'utf8');

const block = (language: string, words: string) => blockOf(page, language, words);

/** Runs an example of the page as it stands there, and hands out its `app`. */
const run = <T>(text: string) =>
  runExample<T>(`${text}\nexport const result = app;`, (name) => jest.requireActual(name));

/** The examples are what people copy: each is run. */
describeWithBroker('nats', 'docs/services.md, of the SDK,', () => {
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
    for (const room_id of ['orders', 'support.1']) await alice.command('create_room', { room_id });
    await alice.command('join_room', { room_id: 'orders' });
  });
  beforeEach(() => {
    logged = [];
    jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
      logged.push(words);
      told();
    });
    // Nest tells of each start.
    for (const level of ['log', 'warn'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    delete process.env['NATS_URL'];
    delete process.env['TOKEN'];
    await gateway.close();
    await broker.remove();
  });

  const nextLog = () => new Promise<void>((resolve) => (told = resolve));

  it('has a service that asks', async () => {
    const app = await run<INestApplicationContext>(block('ts', 'class Orders'));
    expect(await alice.next('room_message')).toMatchObject({ sender_id: 'service:shop', content: { paid: '4711' } });
    expect(await alice.next('direct_message')).toMatchObject({ content: 'Thank you.' });
    const hubbub = app.get(Hubbub, { strict: false });
    const [, rooms, users, clients, itself] = page.slice(page.indexOf('| | |')).split('\n').slice(1);
    const named = [rooms, users, clients, itself].map((row = '') => {
      const [, , methods = ''] = row.split('|');
      return [...methods.matchAll(/`(\w+)/g)].map(([, name]) => name).sort();
    });
    const methodsOf = (group: object) => Object.getOwnPropertyNames(Object.getPrototypeOf(group)).slice(1).sort();
    expect(named).toEqual([hubbub.rooms, hubbub.users, hubbub.clients, hubbub].map(methodsOf));
    await app.close();
  });

  it('has a service that hears', async () => {
    const app = await run<INestApplicationContext>(block('ts', 'class Support'));
    const heard = nextLog();
    await alice.command('join_room', { room_id: 'support.1' });
    await heard;
    expect(logged).toEqual([['alice', 'waits in', 'support.1']]);
    await app.close();
  });

  it('has a service that misses nothing', async () => {
    const heard = nextLog();
    const app = await run<INestMicroservice>(block('ts', 'class Archive'));
    await heard;
    expect(logged).toEqual([[expect.stringMatching(/:1$/), 'orders', { paid: '4711' }]]);
    await app.close();
  });

  it('has a service that tells others', async () => {
    const app = await run<INestApplicationContext>(block('ts', 'class Billing'));
    const nats = await connect({ servers: broker.url });
    const fact = await (await jetstreamManager(nats)).streams.getMessage('BILLS', { seq: 1 });
    const subject = 'billing.evt.order.No=2E=204711.paid';
    expect([fact?.subject, fact?.header.get('Nats-Msg-Id')]).toEqual([subject, 'paid-No. 4711']);
    expect(fact?.json()).toEqual({ pattern: subject, data: { order_id: 'No. 4711', cents: 1999 } });
    await nats.close();
    await app.close();
  });
});

describeWithBroker('nats', 'the user that docs/services.md gives a service with the SDK', () => {
  it('may ask, read durably and keep dead letters', async () => {
    const broker = await BrokerProcess.start('nats', block('', 'authorization {'));
    const url = `nats://gateway:${encodeURIComponent('change me')}@127.0.0.1:${broker.port}`;
    const gateway = await startGateway({
      bus: { type: 'nats', url, jetstream: true },
      services: { trustNats: true },
    });
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const givenUp = new Promise<unknown>((resolve) => {
      jest.spyOn(Logger.prototype, 'error').mockImplementation(({ msg }: { msg?: unknown }) => {
        // Nest logs what the handler threw.
        if (msg !== undefined) resolve(msg);
      });
    });
    @Controller()
    class Broken {
      @OnHubbubEvent('room_created', { durable: true })
      break() {
        throw new Error('broken');
      }
    }
    const where = { servers: `127.0.0.1:${broker.port}`, nats: { user: 'moderator', pass: 'me as well' } };
    const strategy = new HubbubEventsStrategy({ ...where, durable: 'moderator', attempts: 1 });
    const module = { module: class {}, imports: [HubbubClientModule.forRoot(where)], controllers: [Broken] };
    const service = await NestFactory.createMicroservice(module, { strategy, logger: false });
    await service.listen();
    await service.get(Hubbub, { strict: false }).rooms.create({ room_id: 'r' });
    expect(await givenUp).toBe('event is given up');
    const admin = await connect({ servers: where.servers, user: 'gateway', pass: 'change me' });
    const info = await admin.request(`$JS.API.STREAM.INFO.${DEAD_LETTER_STREAM}`);
    expect(info.json()).toMatchObject({ state: { messages: 1 } });
    await admin.close();
    await service.close();
    await gateway.close();
    await broker.remove();
    jest.restoreAllMocks();
  });
});
