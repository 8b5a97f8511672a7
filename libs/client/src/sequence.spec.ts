import fc from 'fast-check';
import { Sequence } from './sequence.js';

describe('Sequence', () => {
  it('gives every item out once, in order, however they are offered', () => {
    const orders = fc.integer({ min: 1, max: 30 }).chain((count) => {
      const numbers = Array.from({ length: count }, (_, n) => n + 1);
      return fc.tuple(
        fc.constant(numbers),
        fc.array(fc.integer({ min: -2, max: count })),
        fc.shuffledSubarray(numbers, { minLength: count }),
      );
    });
    fc.assert(
      fc.property(orders, ([numbers, noise, order]) => {
        const sequence = new Sequence<number>(0);
        const out = [...noise, ...order].flatMap((seq) => sequence.offer(seq, seq));
        expect(out).toEqual(numbers);
        expect([sequence.position, sequence.hole]).toEqual([numbers.length, null]);
      }),
    );
  });

  it('names the first hole, also one at the end', () => {
    const sequence = new Sequence<string>(4);
    sequence.offer(8, 'h');
    sequence.offer(6, 'f');
    expect(sequence.hole).toEqual({ from: 5, to: 5 });
    sequence.expect(10);
    expect(sequence.offer(5, 'e')).toEqual(['e', 'f']);
    expect(sequence.hole).toEqual({ from: 7, to: 7 });
    expect(sequence.offer(7, 'g')).toEqual(['g', 'h']);
    expect(sequence.hole).toEqual({ from: 9, to: 10 });
  });

  it('goes on behind what is given up', () => {
    const sequence = new Sequence<string>(0);
    sequence.offer(2, 'b');
    sequence.offer(5, 'e');
    sequence.offer(6, 'f');
    expect(sequence.skip(4)).toEqual(['b', 'e', 'f']);
    expect(sequence.hole).toBeNull();
    expect(sequence.offer(3, 'c')).toEqual([]);
  });

  it('holds a bounded number of items above a hole, and asks again for the rest', () => {
    const sequence = new Sequence<number>(0);
    for (let seq = 2; seq <= 20_000; seq++) sequence.offer(seq, seq);
    expect(sequence.offer(1, 1)).toHaveLength(10_001);
    expect(sequence.hole).toEqual({ from: 10_002, to: 20_000 });
  });
});
