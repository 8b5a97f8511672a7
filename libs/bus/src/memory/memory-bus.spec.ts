import type { Subject } from '@hubbub/protocol';
import { describeBusContract } from '../testing/index.js';
import { MemoryBroker } from './memory-broker.js';
import { MemoryBus } from './memory-bus.js';

describeBusContract('MemoryBus', {
  traits: { canBeAway: false, canBePaused: false },
  async make() {
    const broker = new MemoryBroker();
    return { a: new MemoryBus('a', broker), b: new MemoryBus('b', broker), aId: 'a', bId: 'b' };
  },
});

describe('MemoryBus', () => {
  it('knows whether anybody may hear what begins so, on any of its nodes', async () => {
    const broker = new MemoryBroker();
    const a = new MemoryBus('a', broker);
    const b = new MemoryBus('b', broker);
    expect(a.hears('hubbub.evt')).toBe(false);
    for (const pattern of ['hubbub.evt.room.r.room_message', 'hubbub.evt.>', '*.evt.>', '>']) {
      const subscription = await b.subscribe(pattern as Subject, () => {});
      expect([pattern, a.hears('hubbub.evt')]).toEqual([pattern, true]);
      await subscription.unsubscribe();
      await subscription.unsubscribe();
      expect([pattern, a.hears('hubbub.evt')]).toEqual([pattern, false]);
    }
    await b.subscribe('hubbub.sync.room.r' as Subject, () => {});
    expect(a.hears('hubbub.evt')).toBe(false);
  });
});
