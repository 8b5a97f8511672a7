import { surplusOf } from './surplus.js';

describe('the connections of a user above the limit', () => {
  const seats = [
    { id: 'c', since: 2 },
    { id: 'd', since: 3 },
    { id: 'b', since: 2 },
    { id: 'a', since: 1 },
  ];

  it('are the oldest where newer ones replace them, and the newest where they are refused, whatever the order', () => {
    for (const all of [seats, seats.toReversed()]) {
      expect(surplusOf(all, 2, 'replace')).toEqual(['a', 'b']);
      expect(surplusOf(all, 2, 'refuse')).toEqual(['c', 'd']);
    }
  });

  it.each(['replace', 'refuse'] as const)('are none up to the limit (%s)', (policy) => {
    expect([surplusOf(seats, 4, policy), surplusOf(seats, 5, policy), surplusOf([], 1, policy)]).toEqual([[], [], []]);
  });
});
