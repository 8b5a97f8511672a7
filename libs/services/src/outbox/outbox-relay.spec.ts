import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { Outbox } from '@hubbub/messages';
import { Metrics } from '@hubbub/observability';
import { Database } from '@hubbub/storage';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { numbersOf, StreamReader } from '../testing/stream-reader.js';

const REPAIR_MS = 100;

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
const of = <T>(gateway: TestGateway, type: abstract new (...args: never[]) => T): T =>
  gateway.app.get(type as never, { strict: false });
const waiting = (gateway: TestGateway) => of(gateway, Outbox).count();
const relays = (gateway: TestGateway) =>
  of(gateway, Database).read(async (manager) => {
    const [row] = await manager.query<{ node_id: string | null }[]>('SELECT node_id FROM relay_lease');
    return row?.node_id;
  });
const acknowledged = (gateway: TestGateway) =>
  of(gateway, Metrics)
    .streamAckLatency.samples()
    .find(({ metricName }) => metricName?.endsWith('_count'))?.value;

const eventsDegraded = async (gateway: TestGateway) => {
  const { body } = await gateway.fetch<{ details: { events: { status: string } } }>('GET', '/health');
  return body.details.events.status === 'degraded';
};

describeWithBroker('nats', 'the outbox and its stream', () => {
  let broker: BrokerProcess;
  let reader: StreamReader;
  const gateways: TestGateway[] = [];

  const start = async (nodeId: string): Promise<TestGateway> => {
    const gateway = await startGateway(
      {
        bus: { type: 'nats', url: broker.url, jetstream: true },
        cluster: { nodeId, nodeTimeoutMs: 1000, repairMs: REPAIR_MS },
        log: { level: 'fatal' },
      },
      gateways[0] === undefined ? {} : { dataDir: gateways[0].dataDir },
    );
    gateways.push(gateway);
    return gateway;
  };
  const client = async (gateway: TestGateway, userId: string, roomId: string): Promise<TestClient> => {
    const connected = await gateway.connect(userId);
    await connected.request('create_room', { room_id: roomId });
    await connected.command('join_room', { room_id: roomId });
    return connected;
  };
  const post = async (from: TestClient, roomId: string, count: number, content: unknown = 'text') => {
    const posts = Array.from({ length: count }, () => from.command('room_message', { room_id: roomId, content }));
    return (await Promise.all(posts)).at(-1)?.seq ?? 0;
  };

  beforeEach(async () => {
    broker = await BrokerProcess.start('nats');
    reader = await StreamReader.open(broker.url);
  });
  afterEach(async () => {
    await reader.close();
    for (const gateway of gateways.splice(0).toReversed()) await gateway.close();
    await broker.remove();
  });

  it('give a durable consumer that was away each fact once, in the order of its room, whichever node took it', async () => {
    const [first, second] = [await start('n1'), await start('n2')];
    const [alice, bob] = [await client(first, 'alice', 'busy'), await client(second, 'bob', 'busy')];
    const carol = await client(second, 'carol', 'calm');
    await reader.subscribe();
    await reader.start();
    await post(alice, 'busy', 10);
    await reader.until(() => numbersOf(reader.facts, 'busy').length === 10);
    await reader.stop();
    await Promise.all([post(alice, 'busy', 100), post(bob, 'busy', 100), post(carol, 'calm', 50)]);
    await alice.command('update_room', { room_id: 'busy', name: 'Busy' });
    await post(alice, 'busy', 1);
    await reader.start();
    await reader.until(() => reader.facts.length === 1 + 1 + 211 + 50 + 1 + 3);
    const { facts } = reader;
    expect([numbersOf(facts, 'busy'), numbersOf(facts, 'calm')]).toEqual([upTo(211), upTo(50)]);
    const busy = facts.filter(({ data }) => data['room_id'] === 'busy' && data['epoch'] !== undefined);
    expect(busy.map(({ type }) => type)).toEqual([
      ...['room_created', ...upTo(210).map(() => 'room_message'), 'room_updated', 'room_message'],
    ]);
    await settles(async () => (await waiting(first)) === 0);
  });

  it('take nothing while NATS is away, say so, and lose nothing', async () => {
    const gateway = await start('n1');
    const alice = await client(gateway, 'alice', 'r');
    await post(alice, 'r', 5);
    await reader.subscribe();
    await reader.start();
    await reader.until(() => numbersOf(reader.facts, 'r').length === 5);
    await broker.stop();
    await post(alice, 'r', 20);
    expect(await waiting(gateway)).toBe(20);
    await settles(async () => of(gateway, Metrics).outboxPending.samples()[0]?.value === 20);
    expect(await eventsDegraded(gateway)).toBe(true);
    await broker.start();
    await settles(async () => (await waiting(gateway)) === 0);
    expect(numbersOf(await reader.all(), 'r')).toEqual(upTo(25));
    await settles(async () => of(gateway, Metrics).outboxPending.samples()[0]?.value === 0);
    await settles(async () => !(await eventsDegraded(gateway)));
  });

  it('wait for a stream that was deleted, and make it anew', async () => {
    const gateway = await start('n1');
    const alice = await client(gateway, 'alice', 'r');
    await post(alice, 'r', 5);
    await settles(async () => (await waiting(gateway)) === 0);
    await (await jetstreamManager(reader.nats)).streams.delete('HUBBUB_EVENTS');
    await post(alice, 'r', 5);
    await settles(async () => (await waiting(gateway)) === 0);
    expect(numbersOf(await reader.all(), 'r')).toEqual([6, 7, 8, 9, 10]);
    expect(of(gateway, Metrics).relayErrors.samples()[0]?.value).toBeGreaterThan(0);
  });

  it('use the stream that an operator has made, with what he set of it', async () => {
    const manager = await jetstreamManager(reader.nats);
    await manager.streams.add({ name: 'HUBBUB_EVENTS', subjects: ['mine.>'], max_msgs: 4711 });
    const alice = await client(await start('n1'), 'alice', 'r');
    await post(alice, 'r', 1);
    await settles(async () => numbersOf(await reader.all(), 'r').length === 1);
    const { config } = await manager.streams.info('HUBBUB_EVENTS');
    expect(config).toMatchObject({ subjects: ['mine.>', 'hubbub.evt.>'], max_msgs: 4711 });
  });

  it('are carried by one node, and by another when that goes', async () => {
    const [first, second] = [await start('n1'), await start('n2')];
    const [alice, bob] = [await client(first, 'alice', 'r'), await client(second, 'bob', 'r')];
    await Promise.all([post(alice, 'r', 50), post(bob, 'r', 50)]);
    await settles(async () => (await waiting(first)) === 0);
    expect(await relays(first)).toBe('n1');
    expect([acknowledged(first), acknowledged(second)]).toEqual([101, 0]);
    gateways.shift();
    await first.close();
    await post(bob, 'r', 50);
    await settles(async () => (await waiting(second)) === 0);
    expect([await relays(second), acknowledged(second)]).toEqual(['n2', 50]);
    expect(numbersOf(await reader.all(), 'r')).toEqual(upTo(150));
  });

  it('forget what is redacted, in the stream', async () => {
    const alice = await client(await start('n1'), 'alice', 'r');
    await post(alice, 'r', 20, 'kept');
    const seq = await post(alice, 'r', 1, 'secret 4711');
    await post(alice, 'r', 20, 'kept');
    await settles(async () => numbersOf(await reader.all(), 'r').length === 41);
    await alice.command('redact_message', { room_id: 'r', seq });
    await settles(async () => (await reader.all()).at(-1)?.type === 'message_redacted');
    const facts = await reader.all();
    expect(numbersOf(facts, 'r')).toEqual(upTo(41).filter((n) => n !== seq));
    expect(JSON.stringify(facts)).not.toContain('4711');
    expect(facts.at(-1)?.data).toMatchObject({ room_id: 'r', seq });
  });

  it('forget what is redacted, in the outbox', async () => {
    const gateway = await start('n1');
    const alice = await client(gateway, 'alice', 'r');
    await settles(async () => (await waiting(gateway)) === 0);
    await broker.stop();
    const seq = await post(alice, 'r', 1, 'secret 4711');
    await alice.command('redact_message', { room_id: 'r', seq });
    await broker.start();
    await settles(async () => (await waiting(gateway)) === 0);
    const facts = await reader.all();
    expect(facts.slice(-2)).toMatchObject([
      { type: 'room_message', data: { seq, content: null, redacted: true } },
      { type: 'message_redacted', data: { seq } },
    ]);
    expect(JSON.stringify(facts)).not.toContain('4711');
  });
});

describe('a lone node', () => {
  it('keeps no outbox, looks for none, and composes no event', async () => {
    const interval = jest.spyOn(globalThis, 'setInterval');
    const gateway = await startGateway({ cluster: { repairMs: 1234 } });
    const alice = await gateway.connect('alice');
    await alice.command('create_room', { room_id: 'r' });
    await alice.command('join_room', { room_id: 'r' });
    await alice.command('room_message', { room_id: 'r', content: 'x' });
    await alice.command('redact_message', { room_id: 'r', seq: 1 });
    expect(await waiting(gateway)).toBe(0);
    expect(of(gateway, Metrics).eventsPublished.samples()[0]?.value).toBe(0);
    expect(interval.mock.calls.filter(([, ms]) => ms === 1234)).toEqual([]);
    expect(await relays(gateway)).toBeNull();
    interval.mockRestore();
    await gateway.close();
  });
});

/** Jest's own limit ends what never comes. */
async function settles(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
