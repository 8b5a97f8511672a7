import { Push } from '@hubbub/transport';
import fc from 'fast-check';
import { DeliveryChannel, type Recipient } from './delivery-channel.js';

interface Numbered {
  readonly seq: number;
}

class Listener implements Recipient {
  readonly heard: number[] = [];

  send(push: Push): void {
    this.heard.push(Number(push.dataJson));
  }
}

function channelOf(...listeners: Listener[]) {
  const channel = new DeliveryChannel<Listener, Numbered>({ encode: ({ seq }) => new Push('numbered', `${seq}`) });
  channel.start(0);
  for (const listener of listeners) {
    channel.hold(listener);
    channel.release(listener);
  }
  return channel;
}

describe('DeliveryChannel', () => {
  it('says of what another node has told to how many it was handed, in its turn and once', () => {
    const channel = channelOf(new Listener(), new Listener());
    const counts: [number, number][] = [];
    const receive = (seq: number) => channel.receive([{ seq }], (handedTo) => counts.push([seq, handedTo]));
    receive(2);
    receive(2);
    expect(counts).toEqual([]);
    receive(1);
    receive(1);
    expect(counts).toEqual([
      [1, 2],
      [2, 2],
      [2, 0],
      [1, 0],
    ]);
  });

  it('answers at once where so much waits already that it must be brought again, and when it is closed', () => {
    const listener = new Listener();
    const channel = channelOf(listener);
    const counts: number[] = [];
    for (let seq = 2; seq <= 1026; seq++) channel.receive([{ seq }], (handedTo) => counts.push(handedTo));
    expect(counts).toEqual([0]);
    channel.close();
    expect(counts).toEqual(Array.from({ length: 1025 }, () => 0));
    expect(listener.heard).toEqual([]);
  });

  it('hands everything to everybody once and in order, and gives every sender and node its answer, whatever comes how', () => {
    const total = 20;
    /** Who stored it: a connection of this node, another node that tells of it so often. */
    const origin = fc.oneof(fc.constantFrom<'ann' | 'bob'>('ann', 'bob'), fc.integer({ min: 0, max: 2 }));
    const step = fc.record({
      at: fc.nat(40),
      who: fc.constantFrom<'ann' | 'bob' | 'eve'>('ann', 'bob', 'eve'),
      kind: fc.constantFrom<'join' | 'leave' | 'repair'>('join', 'leave', 'repair'),
    });
    const arrivals = fc
      .array(origin, { minLength: total, maxLength: total })
      .chain((origins) =>
        fc.tuple(
          fc.constant(origins),
          fc.shuffledSubarray(arrivalsOf(origins), { minLength: arrivalsOf(origins).length }),
        ),
      );
    fc.assert(
      fc.property(arrivals, fc.array(step, { maxLength: 20 }), ([origins, order], steps) => {
        const listeners = { ann: new Listener(), bob: new Listener(), eve: new Listener() };
        const since = new Map<Listener, { head: number; from: number }>();
        const channel = channelOf();
        const answers = order.map((): number[] => []);
        const offered = new Set<number>();
        const isOwn = (seq: number) => typeof origins[seq - 1] === 'string';
        const repair = () => {
          // What is being stored here is waited for.
          for (let seq = channel.head + 1; channel.isBehind && seq <= total; seq++) {
            if (isOwn(seq) && !offered.has(seq)) return;
            channel.receive([{ seq }]);
          }
        };
        const check = (listener: Listener) => {
          const { head, from } = since.get(listener) ?? { head: total, from: listener.heard.length };
          const due = Array.from({ length: Math.max(0, channel.head - head) }, (_, at) => head + at + 1);
          const others = due.filter((seq) => listeners[origins[seq - 1] as 'ann'] !== listener);
          expect(listener.heard.slice(from)).toEqual(others);
        };
        const act = ({ who, kind }: { who: 'ann' | 'bob' | 'eve'; kind: string }) => {
          const listener = listeners[who];
          if (kind === 'repair') return repair();
          if (kind === 'leave') {
            check(listener);
            since.delete(listener);
            return channel.remove(listener);
          }
          if (channel.has(listener)) return;
          since.set(listener, { head: channel.hold(listener), from: listener.heard.length });
          channel.release(listener);
        };
        for (const [at, seq] of order.entries()) {
          for (const each of steps) if (each.at === at) act(each);
          const placed = (handedTo: number) => void answers[at]?.push(handedTo);
          if (isOwn(seq)) channel.offer({ message: { seq }, sender: listeners[origins[seq - 1] as 'ann'], placed });
          else channel.receive([{ seq }], placed);
          offered.add(seq);
        }
        channel.expect(total);
        repair();
        expect(channel.head).toBe(total);
        for (const listener of Object.values(listeners)) check(listener);
        for (const [at, told] of answers.entries()) {
          expect(told).toHaveLength(1);
          // Of several tellings only the first counts.
          if (order.indexOf(order[at] as number) < at) expect(told).toEqual([0]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Once what is stored here, and each of the others as often as it is told of. */
function arrivalsOf(origins: readonly (string | number)[]): number[] {
  return origins.flatMap((origin, at) => Array.from({ length: typeof origin === 'number' ? origin : 1 }, () => at + 1));
}
