import { describeBusContract } from '../testing/index.js';
import { MemoryBroker } from './memory-broker.js';
import { MemoryBus } from './memory-bus.js';

describeBusContract('MemoryBus', {
  async make() {
    const broker = new MemoryBroker();
    return { a: new MemoryBus('a', broker), b: new MemoryBus('b', broker), aId: 'a', bId: 'b' };
  },
});
