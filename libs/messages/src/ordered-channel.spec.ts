import fc from 'fast-check';
import { type Offered, OrderedChannel, type OrderedChannelOptions } from './ordered-channel.js';

type Item = string;

/** A channel whose members are names, and what each of them was handed. */
function channelOf(options: OrderedChannelOptions = { head: 0 }) {
  const got = new Map<string, Item[]>();
  const listOf = (member: string): Item[] => {
    const list = got.get(member) ?? [];
    got.set(member, list);
    return list;
  };
  const channel = new OrderedChannel<string, Item>((item, _seq, members) => {
    for (const member of members) listOf(member).push(item);
  }, options);
  const join = (member: string): void => void channel.enter(member);
  return { channel, join, got: listOf };
}

describe('OrderedChannel', () => {
  it('hands items over in the order of their numbers', () => {
    const { channel, join, got } = channelOf();
    join('ann');
    expect([3, 1, 2].map((seq) => channel.offer(seq, `m${seq}`))).toEqual<Offered[]>([
      'waiting',
      'delivered',
      'delivered',
    ]);
    expect(got('ann')).toEqual(['m1', 'm2', 'm3']);
    expect(channel.head).toBe(3);
  });

  it('drops repeats, of what was delivered and of what is waiting', () => {
    const { channel, join, got } = channelOf();
    join('ann');
    channel.offer(1, 'm1');
    channel.offer(3, 'm3');
    expect(channel.offer(1, 'again')).toBe('repeat');
    expect(channel.offer(3, 'again')).toBe('repeat');
    channel.offer(2, 'm2');
    expect(got('ann')).toEqual(['m1', 'm2', 'm3']);
  });

  it('names exactly the numbers that are missing below what waits', () => {
    const { channel } = channelOf({ head: 4 });
    expect(channel.hole()).toBeNull();
    channel.offer(9, 'm9');
    channel.offer(7, 'm7');
    expect(channel.hole()).toEqual({ after: 4, upTo: 6 });
    channel.offer(5, 'm5');
    channel.offer(6, 'm6');
    expect(channel.hole()).toEqual({ after: 7, upTo: 8 });
    channel.offer(8, 'm8');
    expect(channel.hole()).toBeNull();
  });

  it('names a lost tail once it was told how far the log goes', () => {
    const { channel } = channelOf({ head: 4 });
    channel.expect(6);
    expect(channel.hole()).toEqual({ after: 4, upTo: 6 });
  });

  it('goes on behind numbers that nobody keeps any more', () => {
    const { channel, join, got } = channelOf();
    join('ann');
    channel.offer(3, 'm3');
    channel.offer(6, 'm6');
    channel.skip(5);
    expect(got('ann')).toEqual(['m3', 'm6']);
    expect(channel.head).toBe(6);
    expect(channel.hole()).toBeNull();
  });

  it('keeps a bounded number of items behind a hole, and asks for the rest with the hole', () => {
    const { channel, join, got } = channelOf({ head: 0, maxWaiting: 2 });
    join('ann');
    expect([3, 4, 5].map((seq) => channel.offer(seq, `m${seq}`))).toEqual<Offered[]>(['waiting', 'waiting', 'dropped']);
    for (const seq of [1, 2]) channel.offer(seq, `m${seq}`);
    expect(channel.hole()).toEqual({ after: 4, upTo: 5 });
    channel.offer(5, 'm5');
    expect(got('ann')).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
  });

  it('keeps everything waiting until it is told where it starts', () => {
    const { channel, join, got } = channelOf({});
    for (const seq of [7, 8, 9]) channel.offer(seq, `m${seq}`);
    join('ann');
    expect(channel.hole()).toBeNull();
    expect(channel.start(8)).toEqual(['m7', 'm8']);
    expect(got('ann')).toEqual(['m9']);
    expect(channel.start(3)).toEqual([]);
    expect(channel.head).toBe(9);
  });

  it('holds what comes for a member until its answer has left', () => {
    const { channel, join, got } = channelOf();
    join('ann');
    channel.offer(1, 'm1');
    expect(channel.join('bob')).toBe(1);
    channel.offer(2, 'm2');
    channel.pass('note');
    channel.offer(3, 'm3');
    expect(got('bob')).toEqual([]);
    channel.release('bob');
    channel.offer(4, 'm4');
    expect(got('bob')).toEqual(['m2', 'note', 'm3', 'm4']);
    expect(got('ann')).toEqual(['m1', 'm2', 'note', 'm3', 'm4']);
  });

  it('leaves out what the released member has otherwise', () => {
    const { channel, got } = channelOf();
    channel.join('bob');
    for (const seq of [1, 2, 3]) channel.offer(seq, `m${seq}`);
    channel.release('bob', 2);
    expect(got('bob')).toEqual(['m3']);
  });

  it('hands nothing to who has left, held or not', () => {
    const { channel, join, got } = channelOf();
    join('ann');
    channel.join('bob');
    channel.offer(1, 'm1');
    channel.leave('ann');
    channel.leave('bob');
    channel.release('bob');
    channel.offer(2, 'm2');
    expect(got('ann')).toEqual(['m1']);
    expect(got('bob')).toEqual([]);
    expect(channel.size).toBe(0);
  });

  it('takes calls from within a delivery after the item being delivered', () => {
    const seen: string[] = [];
    const channel = new OrderedChannel<string, string>(
      (item, _seq, members) => {
        for (const member of members) {
          seen.push(`${member} ${item}`);
          if (item !== 'm1' || member !== 'ann') continue;
          expect(channel.enter('bob')).toBe(1);
          channel.offer(2, 'm2');
        }
      },
      { head: 0 },
    );
    for (const member of ['ann', 'eve']) channel.enter(member);
    channel.offer(1, 'm1');
    expect(seen).toEqual(['ann m1', 'eve m1', 'ann m2', 'eve m2', 'bob m2']);
  });

  it('does not hand a member what its head covers, though it is still on its way to others', () => {
    const seen: string[] = [];
    const channel = new OrderedChannel<string, string>(
      (item, _seq, members) => {
        for (const member of members) seen.push(`${member} ${item}`);
        if (item !== 'm1') return;
        channel.offer(2, 'm2');
        channel.offer(3, 'm3');
        seen.push(`bob at ${channel.join('bob')}`);
        channel.release('bob');
      },
      { head: 0 },
    );
    channel.join('ann');
    channel.release('ann');
    channel.offer(1, 'm1');
    channel.offer(4, 'm4');
    expect(seen).toEqual(['ann m1', 'bob at 3', 'ann m2', 'ann m3', 'ann m4', 'bob m4']);
  });

  it('stops handing over what was held when the member leaves at it, or leaves and joins again', () => {
    const seen: string[] = [];
    const channel = new OrderedChannel<string, string>(
      (item, _seq, members) => {
        for (const member of members) {
          seen.push(`${member} ${item}`);
          if (item !== 'm1') continue;
          channel.leave(member);
          if (member === 'bob') channel.join(member);
        }
      },
      { head: 0 },
    );
    channel.join('ann');
    channel.join('bob');
    for (const seq of [1, 2]) channel.offer(seq, `m${seq}`);
    channel.release('ann');
    channel.release('bob');
    channel.offer(3, 'm3');
    channel.release('bob');
    expect(seen).toEqual(['ann m1', 'bob m1', 'bob m3']);
  });

  it('holds back what follows an item, again and again, while others go on', () => {
    const seen: Record<string, string[]> = { ann: [], bob: [], eve: [] };
    const channel = new OrderedChannel<string, string>(
      (item, _seq, members) => {
        for (const member of members) {
          seen[member]?.push(item);
          if (item.endsWith(member)) channel.hold(member);
        }
      },
      { head: 0 },
    );
    for (const member of ['ann', 'bob', 'eve']) {
      channel.join(member);
      channel.release(member);
    }
    const items = ['1', '2 of ann', '3', '4 of bob', '5 of ann', '6 of ann', '7'];
    for (const [at, item] of items.entries()) channel.offer(at + 1, item);
    expect([seen['ann']?.length, seen['bob']?.length, seen['eve']?.length]).toEqual([2, 4, 7]);
    channel.release('ann');
    expect(seen['ann']?.length).toBe(5);
    channel.pass('note');
    channel.release('ann');
    expect(seen['ann']?.length).toBe(6);
    for (const member of ['ann', 'bob', 'nobody']) channel.release(member);
    channel.offer(8, '8');
    for (const member of ['ann', 'bob', 'eve']) expect(seen[member]).toEqual([...items, 'note', '8']);
    expect((channel as unknown as { held: unknown[] }).held).toEqual([]);
  });

  it('forgets what was held, though somebody is always joining', () => {
    const { channel, got } = channelOf();
    channel.join('0');
    for (let seq = 1; seq <= 5000; seq++) {
      channel.offer(seq, `m${seq}`);
      channel.join(`${seq}`);
      channel.release(`${seq - 1}`);
      expect(got(`${seq - 1}`)).toEqual([`m${seq}`]);
      channel.leave(`${seq - 1}`);
    }
    expect((channel as unknown as { held: unknown[] }).held.length).toBeLessThan(300);
  });

  it('delivers to all the others what one delivery failed at, and says so', () => {
    const got: string[] = [];
    const channel = new OrderedChannel<string, string>(
      (item) => {
        got.push(item);
        if (item === 'm1') throw new Error('broken');
      },
      { head: 0 },
    );
    channel.offer(2, 'm2');
    expect(() => channel.offer(1, 'm1')).toThrow('broken');
    expect(got).toEqual(['m1', 'm2']);
    expect(channel.offer(3, 'm3')).toBe('delivered');
  });

  it('gives every member all above its joining, once and in order, whatever is lost, doubled or shuffled on the way', () => {
    const total = 30;
    const seqs = Array.from({ length: total }, (_, at) => at + 1);
    const offers = fc
      .tuple(
        fc.shuffledSubarray(seqs, { minLength: 10 }),
        fc.array(fc.integer({ min: 1, max: total }), { maxLength: 20 }),
      )
      .chain(([kept, doubled]) => fc.shuffledSubarray([...kept, ...doubled], { minLength: kept.length }));
    const action = fc.record({
      at: fc.integer({ min: 0, max: 40 }),
      member: fc.constantFrom('ann', 'bob', 'eve'),
      kind: fc.constantFrom<'join' | 'release' | 'leave' | 'repair'>('join', 'release', 'leave', 'repair'),
    });
    fc.assert(
      fc.property(
        offers,
        fc.array(action, { maxLength: 40 }),
        fc.integer({ min: 0, max: 5 }),
        (arrivals, actions, waits) => {
          const { channel, got } = channelOf({ head: 0, maxWaiting: waits });
          const joinedAt = new Map<string, { head: number; from: number }>();
          const check = (member: string): void => {
            const since = joinedAt.get(member);
            if (since === undefined) return;
            const expected = seqs.slice(since.head, channel.head).map((seq) => `${seq}`);
            expect(got(member).slice(since.from)).toEqual(expected);
          };
          const repair = (): void => {
            for (let hole = channel.hole(); hole !== null; hole = channel.hole()) {
              for (let seq = hole.after + 1; seq <= hole.upTo; seq++) channel.offer(seq, `${seq}`);
            }
          };
          const held = new Set<string>();
          const act = ({ member, kind }: { member: string; kind: string }): void => {
            if (kind === 'repair') repair();
            if (kind === 'join' && !channel.has(member)) {
              joinedAt.set(member, { head: channel.join(member), from: got(member).length });
              held.add(member);
            }
            if (kind === 'release' && held.delete(member)) channel.release(member);
            if (kind !== 'leave') return;
            if (!held.delete(member)) check(member);
            channel.leave(member);
            joinedAt.delete(member);
          };
          arrivals.forEach((seq, index) => {
            for (const each of actions) if (each.at === index) act(each);
            channel.offer(seq, `${seq}`);
          });
          channel.expect(total);
          repair();
          for (const member of held) channel.release(member);
          expect(channel.head).toBe(total);
          for (const member of joinedAt.keys()) check(member);
        },
      ),
      { numRuns: 500 },
    );
  });
});
