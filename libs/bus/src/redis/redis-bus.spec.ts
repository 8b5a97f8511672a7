import { BrokerProcess, describeBusContract, describeWithBroker } from '../testing/index.js';
import { RedisBus } from './redis-bus.js';

describeWithBroker('redis', 'RedisBus', () => {
  let broker: BrokerProcess;
  beforeAll(async () => {
    broker = await BrokerProcess.start('redis');
  });
  afterAll(() => broker.remove());

  describeBusContract('RedisBus', {
    traits: { canBeAway: true, canBePaused: true },
    async make() {
      const [a, b] = await Promise.all(['a', 'b'].map((id) => new RedisBus(id, broker.url).opened()));
      return { a: a as RedisBus, b: b as RedisBus, aId: 'a', bId: 'b', broker };
    },
  });
});
