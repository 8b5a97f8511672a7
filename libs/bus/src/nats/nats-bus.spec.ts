import { syncSubject } from '@hubbub/protocol';
import { BrokerProcess, describeBusContract, describeWithBroker } from '../testing/index.js';
import { NatsBus } from './nats-bus.js';

describeWithBroker('nats', 'NatsBus', () => {
  let broker: BrokerProcess;
  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
  });
  afterAll(() => broker.remove());

  describeBusContract('NatsBus', {
    traits: { canBeAway: true, canBePaused: true },
    async make() {
      const [a, b] = await Promise.all(['a', 'b'].map((id) => new NatsBus(id, broker.url).opened()));
      return { a: a as NatsBus, b: b as NatsBus, aId: 'a', bId: 'b', broker };
    },
  });

  it('takes no more than its server does, which would hang up on it', async () => {
    const small = await BrokerProcess.start('nats', 'max_payload: 16384');
    const [a, b] = await Promise.all(['a', 'b'].map((id) => new NatsBus(id, small.url).opened()));
    const bus = a as NatsBus;
    const subject = syncSubject('test');
    const received = new Promise<Uint8Array>(
      (resolve) => void b?.respond(subject, async (bytes) => (resolve(bytes), bytes)),
    );
    await b?.subscribe(syncSubject('other'), () => undefined);
    expect(bus.maxPayloadBytes).toBeLessThanOrEqual(16_384);
    expect(() => bus.publish(subject, new Uint8Array(bus.maxPayloadBytes + 1))).toThrow(
      expect.objectContaining({ name: 'MessageTooLarge' }),
    );
    const payload = new Uint8Array(bus.maxPayloadBytes).fill(1);
    const { missing } = await bus.request(subject, payload, { deadlineMs: 5000, expected: ['b'] });
    expect([missing, (await received).length, bus.health().status]).toEqual([[], payload.length, 'up']);
    for (const each of [a, b]) await each?.close();
    await small.remove();
  });
});
