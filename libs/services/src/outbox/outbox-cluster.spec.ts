import { describeWithBroker } from '@hubbub/bus/testing';
import { Metrics } from '@hubbub/observability';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import type { TestGateway } from '@hubbub/testing';
import { memberOf, of, post, RelayingGateways, relayOf, settles, waiting } from '../testing/relaying-gateways.js';
import { numbersOf } from '../testing/stream-reader.js';

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
const acknowledged = (gateway: TestGateway) =>
  of(gateway, Metrics)
    .streamAckLatency.samples()
    .find(({ metricName }) => metricName?.endsWith('_count'))?.value;

const onEveryDatabase = () =>
  describeOnEveryDatabase('a cluster', (_, database) => {
    let gateways: RelayingGateways;
    let first: TestGateway;
    let second: TestGateway;

    beforeEach(async () => {
      gateways = await RelayingGateways.open(database);
      [first, second] = [await gateways.start('n1'), await gateways.start('n2')];
    });
    afterEach(() => gateways.close());

    it('gives a durable consumer that was away each event once, in the order of its room, whichever node took it', async () => {
      const { reader } = gateways;
      const [alice, bob] = [await memberOf(first, 'alice', 'busy'), await memberOf(second, 'bob', 'busy')];
      const carol = await memberOf(second, 'carol', 'calm');
      await reader.subscribe();
      await reader.start();
      await post(alice, 'busy', 10);
      await reader.until(() => numbersOf(reader.facts, 'busy').length === 10);
      await reader.stop();
      await Promise.all([post(alice, 'busy', 100), post(bob, 'busy', 100), post(carol, 'calm', 50)]);
      await alice.command('update_room', { room_id: 'busy', name: 'Busy' });
      await post(alice, 'busy', 1);
      await reader.start();
      await reader.until(() => numbersOf(reader.facts, 'busy').length + numbersOf(reader.facts, 'calm').length === 261);
      const { facts } = reader;
      expect([numbersOf(facts, 'busy'), numbersOf(facts, 'calm')]).toEqual([upTo(211), upTo(50)]);
      const busy = facts.filter(({ data }) => data['room_id'] === 'busy' && data['epoch'] !== undefined);
      expect(busy.map(({ type }) => type)).toEqual([
        ...['room_created', ...upTo(210).map(() => 'room_message'), 'room_updated', 'room_message'],
      ]);
      await settles(async () => (await waiting(first)) === 0);
    });

    it('is carried by one node, and by another when that goes', async () => {
      const [alice, bob] = [await memberOf(first, 'alice', 'r'), await memberOf(second, 'bob', 'r')];
      await Promise.all([post(alice, 'r', 50), post(bob, 'r', 50)]);
      await settles(async () => (await waiting(first)) === 0);
      expect(await relayOf(first)).toBe('n1');
      expect([acknowledged(first), acknowledged(second)]).toEqual([101, 0]);
      await gateways.stopFirst();
      await post(bob, 'r', 50);
      await settles(async () => (await waiting(second)) === 0);
      expect([await relayOf(second), acknowledged(second)]).toEqual(['n2', 50]);
      expect(numbersOf(await gateways.reader.all(), 'r')).toEqual(upTo(150));
    });

    it('tells what is redacted before it leaves without its content', async () => {
      const alice = await memberOf(first, 'alice', 'r');
      await settles(async () => (await waiting(first)) === 0);
      await gateways.broker.stop();
      const seq = await post(alice, 'r', 1, 'secret 4711');
      await alice.command('redact_message', { room_id: 'r', seq });
      await gateways.broker.start();
      await settles(async () => (await waiting(first)) === 0);
      const facts = await gateways.reader.all();
      expect(facts.slice(-2)).toMatchObject([
        { type: 'room_message', data: { seq, content: null, redacted: true } },
        { type: 'message_redacted', data: { seq } },
      ]);
      expect(JSON.stringify(facts)).not.toContain('4711');
    });
  });

describeWithBroker('nats', 'the outbox of', onEveryDatabase);
