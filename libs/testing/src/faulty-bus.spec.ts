import { describeBusContract } from '@hubbub/bus/testing';
import { MemoryBroker, MemoryBus } from '@hubbub/hubbub';
import { syncSubject } from '@hubbub/protocol';
import { type Faults, FaultyBus } from './faulty-bus.js';

describeBusContract('FaultyBus without faults', {
  traits: { canBeAway: false, canBePaused: false },
  async make() {
    const broker = new MemoryBroker();
    const bus = (id: string) => new FaultyBus(new MemoryBus(id, broker), id);
    return { a: bus('a'), b: bus('b'), aId: 'a', bId: 'b' };
  },
});

const subject = syncSubject('test');
const number = (n: number) => Uint8Array.of(n >> 8, n & 255);

function faulty(faults: Partial<Faults> & { seed?: number }) {
  const broker = new MemoryBroker();
  return {
    sender: new MemoryBus('sender', broker),
    bus: new FaultyBus(new MemoryBus('faulty', broker), 'faulty', faults),
  };
}

/** What arrives of 1000 numbers, in order of arrival. */
async function arrivals(faults: Partial<Faults> & { seed?: number }) {
  const { sender, bus } = faulty(faults);
  const got: number[] = [];
  let arrived = () => {};
  await bus.subscribe(subject, ([high, low]) => {
    got.push(((high as number) << 8) | (low as number));
    arrived();
  });
  for (let n = 0; n < 1000; n++) sender.publish(subject, number(n));
  // The memory bus delivers in microtasks: after this, what is not here is lost or delayed.
  await new Promise<void>((resolve) => setImmediate(resolve));
  while (got.length < bus.counts.delivered) await new Promise<void>((resolve) => (arrived = resolve));
  return { got, counts: bus.counts };
}

describe('FaultyBus', () => {
  it('loses and doubles about the share that it is told, and counts them', async () => {
    const { got, counts } = await arrivals({ lose: 0.2, double: 0.1, delay: 0.1, maxDelayMs: 5 });
    const different = new Set(got).size;
    expect(counts.lost).toBe(1000 - different);
    expect(counts.doubled).toBe(got.length - different);
    expect(counts.delivered).toBe(got.length);
    expect(Math.abs(counts.lost - 200)).toBeLessThan(50);
    expect(Math.abs(counts.doubled - 80)).toBeLessThan(40);
    expect(Math.abs(counts.delayed - 88)).toBeLessThan(40);
  });

  it('has later ones overtake what it delays', async () => {
    const { got } = await arrivals({ delay: 0.3, maxDelayMs: 10 });
    expect([...got].sort((x, y) => x - y)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(got).not.toEqual([...got].sort((x, y) => x - y));
  });

  it('decides alike for the same seed, and otherwise for another', async () => {
    const faults = { lose: 0.3, double: 0.2 };
    const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => arrivals({ ...faults, seed })));
    expect(same).toEqual(one);
    expect(other?.got).not.toEqual(one?.got);
  });

  it('cut off, it says so as any bus does, answers itself alone, and tells when it is healed', async () => {
    const { sender, bus } = faulty({});
    const got: Uint8Array[] = [];
    let back = 0;
    await bus.subscribe(subject, (payload) => got.push(payload));
    await bus.respond(subject, () => number(1));
    await sender.respond(subject, () => number(2));
    bus.onReconnect(() => back++);
    bus.partition();
    expect(bus.health().status).toBe('down');
    expect(() => bus.publish(subject, number(1))).toThrow(expect.objectContaining({ name: 'ServerError' }));
    const ask = (asking: typeof sender | typeof bus) =>
      asking.request(subject, number(0), { deadlineMs: 20, expected: ['faulty', 'sender'] });
    expect(await ask(bus)).toEqual({ answers: [{ nodeId: 'faulty', payload: number(1) }], missing: ['sender'] });
    expect((await ask(sender)).missing).toEqual(['faulty']);
    sender.publish(subject, number(3));
    await sender.request(subject, number(0), { deadlineMs: 1000, expected: ['sender'] });
    bus.heal();
    expect([got, back, bus.health().status]).toEqual([[], 1, 'up']);
    expect((await ask(bus)).missing).toEqual([]);
  });

  it('loses everything without a word', async () => {
    const { sender, bus } = faulty({});
    const got: Uint8Array[] = [];
    const heard: Uint8Array[] = [];
    await bus.subscribe(subject, (payload) => got.push(payload));
    await sender.subscribe(subject, (payload) => heard.push(payload));
    await sender.respond(subject, () => number(2));
    bus.loseEverything();
    bus.publish(subject, number(1));
    sender.publish(subject, number(2));
    const { missing } = await bus.request(subject, number(0), { deadlineMs: 5, expected: ['sender'] });
    expect([got, heard, missing, bus.health().status]).toEqual([[], [number(2)], ['sender'], 'up']);
  });
});
