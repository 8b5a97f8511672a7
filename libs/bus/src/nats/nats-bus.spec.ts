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
});
