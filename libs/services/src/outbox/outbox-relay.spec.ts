import { describeWithBroker } from '@hubbub/bus/testing';
import { Outbox } from '@hubbub/messages';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { memberOf, of, post, RelayingGateways, relayOf, settles, waiting } from '../testing/relaying-gateways.js';
import { numbersOf, type StreamReader } from '../testing/stream-reader.js';

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
const eventsDegraded = async (gateway: TestGateway) => {
  const { body } = await gateway.fetch<{ details: { events: { status: string } } }>('GET', '/health');
  return body.details.events.status === 'degraded';
};

describeWithBroker('nats', 'the outbox and its stream', () => {
  let gateways: RelayingGateways;
  let reader: StreamReader;
  const start = (nodeId: string) => gateways.start(nodeId);

  beforeEach(async () => {
    gateways = await RelayingGateways.open();
    ({ reader } = gateways);
  });
  afterEach(() => gateways.close());

  it('take nothing while NATS is away, say so, and lose nothing', async () => {
    const gateway = await start('n1');
    const alice = await memberOf(gateway, 'alice', 'r');
    await post(alice, 'r', 5);
    await reader.subscribe();
    await reader.start();
    await reader.until(() => numbersOf(reader.facts, 'r').length === 5);
    await gateways.broker.stop();
    await post(alice, 'r', 20);
    expect(await waiting(gateway)).toBe(20);
    await settles(async () => of(gateway, Metrics).outboxPending.samples()[0]?.value === 20);
    expect(await eventsDegraded(gateway)).toBe(true);
    await gateways.broker.start();
    await settles(async () => (await waiting(gateway)) === 0);
    expect(numbersOf(await reader.all(), 'r')).toEqual(upTo(25));
    await settles(async () => of(gateway, Metrics).outboxPending.samples()[0]?.value === 0);
    await settles(async () => !(await eventsDegraded(gateway)));
  });

  it('wait for a stream that was deleted, and make it anew', async () => {
    const gateway = await start('n1');
    const alice = await memberOf(gateway, 'alice', 'r');
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
    const alice = await memberOf(await start('n1'), 'alice', 'r');
    await post(alice, 'r', 1);
    await settles(async () => numbersOf(await reader.all(), 'r').length === 1);
    const { config } = await manager.streams.info('HUBBUB_EVENTS');
    expect(config).toMatchObject({ subjects: ['mine.>', 'hubbub.evt.>'], max_msgs: 4711 });
  });

  it('forget what is redacted, in the stream', async () => {
    const alice = await memberOf(await start('n1'), 'alice', 'r');
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

  // Of what was erased the stream does not say that it had it.
  it('erase nothing there that is not removed here yet, as it would be put there again', async () => {
    const manager = await jetstreamManager(reader.nats);
    const duplicate_window = 100_000_000;
    await manager.streams.add({ name: 'HUBBUB_EVENTS', subjects: ['hubbub.evt.>'], duplicate_window });
    const gateway = await start('n1');
    const alice = await memberOf(gateway, 'alice', 'r');
    await post(alice, 'r', 3);
    await settles(async () => (await waiting(gateway)) === 0);
    const outbox = of(gateway, Outbox);
    const remove = outbox.remove.bind(outbox);
    let failures = 0;
    jest.spyOn(outbox, 'remove').mockImplementation((rows) => {
      if (++failures > 10) return remove(rows);
      return Promise.reject(new HubbubError('ServerError'));
    });
    const seq = await post(alice, 'r', 1);
    await alice.command('redact_message', { room_id: 'r', seq });
    // By then the stream does not know a repeat by its id.
    await settles(async () => (await waiting(gateway)) === 0);
    const ofRoom = (await reader.all()).filter(({ type }) => /^(room_message|message_redacted)$/.test(type));
    expect(ofRoom.map(({ data }) => data['seq'])).toEqual([1, 2, 3, 4]);
    expect(ofRoom.at(-1)?.type).toBe('message_redacted');
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
    expect(await relayOf(gateway)).toBeNull();
    interval.mockRestore();
    await gateway.close();
  });
});
