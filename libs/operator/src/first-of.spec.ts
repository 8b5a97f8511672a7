import fc from 'fast-check';
import { firstOf } from './first-of.js';

describe('the first of many', () => {
  it('are those that sorting all of them would put first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 2000 }),
        fc.nat(60),
        async (numbers, limit) => {
          const sorted = numbers.toSorted((a, b) => a - b).slice(0, limit);
          expect(await firstOf(numbers, limit, (a, b) => a - b)).toEqual(sorted);
        },
      ),
    );
  });

  it.each([
    ['however many there are', () => true, 3],
    ['though none of them is wanted', () => false, 0],
  ])('are found while others have their turn, %s', async (_, isWanted, found) => {
    let turns = 0;
    const turn = () => {
      turns++;
      timer = setImmediate(turn);
    };
    let timer = setImmediate(turn);
    const numbers = Array.from({ length: 100_000 }, (_, n) => (n * 7919) % 100_003);
    const first = await firstOf(numbers, 3, (a, b) => a - b, isWanted);
    expect(first).toEqual(numbers.toSorted((a, b) => a - b).slice(0, found));
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});
