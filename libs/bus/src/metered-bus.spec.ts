import { Metrics } from '@hubbub/observability';
import { syncSubject } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import { MemoryBroker } from './memory/memory-broker.js';
import { MemoryBus } from './memory/memory-bus.js';
import { MeteredBus } from './metered-bus.js';
import { describeBusContract } from './testing/index.js';

describeBusContract('MeteredBus', {
  traits: { canBeAway: false, canBePaused: false },
  async make() {
    const broker = new MemoryBroker();
    const metered = (id: string) => new MeteredBus(new MemoryBus(id, broker), new Metrics());
    return { a: metered('a'), b: metered('b'), aId: 'a', bId: 'b' };
  },
});

describe('MeteredBus', () => {
  beforeAll(() => Logger.overrideLogger(false));

  const subject = syncSubject('test');
  const bytes = new Uint8Array([1]);

  it('counts what it published, and what the bus did not take', async () => {
    const metrics = new Metrics();
    const bus = new MeteredBus(new MemoryBus('a'), metrics);
    bus.publish(subject, bytes);
    bus.publish(subject, bytes);
    await bus.close();
    expect(() => bus.publish(subject, bytes)).toThrow(expect.objectContaining({ name: 'ServerError' }));
    expect([metrics.busPublished.value, metrics.busErrors.value]).toEqual([2, 1]);
  });

  it('counts handlers and responders that throw', async () => {
    const metrics = new Metrics();
    const bus = new MeteredBus(new MemoryBus('a'), metrics);
    await bus.subscribe(subject, () => {
      throw new Error('mine alone');
    });
    const last = new Promise((resolve) => void bus.subscribe(subject, resolve));
    bus.publish(subject, bytes);
    await last;
    await bus.respond(subject, () => {
      throw new Error('cannot');
    });
    const { missing } = await bus.request(subject, bytes, { deadlineMs: 1000, expected: ['a'] });
    expect([missing, metrics.busErrors.value]).toEqual([['a'], 2]);
    await bus.close();
  });
});
