import { portions } from './portions.js';

describe('portions', () => {
  it.each([
    [0, []],
    [2, [[0, 1]]],
    [3, [[0, 1, 2]]],
    [7, [[0, 1, 2], [3, 4, 5], [6]]],
  ])('of %d items are of three, and the rest', (count, expected) => {
    expect([...portions(Array.from({ length: count }).keys(), 3)]).toEqual(expected);
  });

  it('are taken when they are asked for', () => {
    const items = new Set(['a', 'b', 'c']);
    const taken = portions(items, 2);
    expect(taken.next().value).toEqual(['a', 'b']);
    items.delete('c');
    items.add('d');
    expect([...taken]).toEqual([['d']]);
  });
});
