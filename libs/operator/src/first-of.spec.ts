import fc from 'fast-check';
import { firstOf } from './first-of.js';

describe('the first of many', () => {
  it('are those that sorting all of them would put first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 2000 }), fc.nat(60), (numbers, limit) => {
        const sorted = numbers.toSorted((a, b) => a - b).slice(0, limit);
        expect(firstOf(numbers, limit, (a, b) => a - b)).toEqual(sorted);
      }),
    );
  });
});
