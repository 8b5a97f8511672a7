import fc from 'fast-check';
import { Tally } from './tally.js';

describe('Tally', () => {
  it('says once the sum of the first word of each who is awaited, when all have spoken or it is ended', () => {
    const source = fc.constantFrom('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(
        fc.uniqueArray(source),
        fc.array(fc.tuple(source, fc.nat(9))),
        fc.nat(12),
        (awaited, words, endAt) => {
          const sums: number[] = [];
          const tally = new Tally(awaited, (sum) => sums.push(sum));
          const first = new Map<string, number>();
          const isOver = () => first.size === awaited.length || sums.length > 0;
          for (const [at, [who, count]] of words.entries()) {
            if (at === endAt) tally.end();
            if (!isOver() && awaited.includes(who) && !first.has(who)) first.set(who, count);
            tally.add(who, count);
            expect(sums).toHaveLength(isOver() ? 1 : 0);
          }
          const silent = awaited.filter((who) => !first.has(who));
          if (!isOver()) expect([...tally.missing].sort()).toEqual(silent.sort());
          tally.end();
          expect(sums).toEqual([[...first.values()].reduce((sum, count) => sum + count, 0)]);
        },
      ),
    );
  });
});
