import { Ledger, ranges } from './ledger.js';

function ledgerOf(start: number, seqs: readonly number[]): Ledger {
  const ledger = new Ledger(start);
  for (const seq of seqs) ledger.see(seq);
  return ledger;
}

describe('Ledger', () => {
  it('has nothing to say of what came once and in order', () => {
    const ledger = ledgerOf(3, [4, 5, 6]);
    expect([ledger.missing(6), ledger.repeated, ledger.reordered]).toEqual([[], [], []]);
  });

  it.each([
    ['skipped', [1, 3], 3, { missing: [2], repeated: [], reordered: [] }],
    ['late at the end', [1, 2], 4, { missing: [3, 4], repeated: [], reordered: [] }],
    ['repeated', [1, 2, 2, 1], 2, { missing: [], repeated: [2, 1], reordered: [] }],
    ['overtaken', [2, 1, 3], 3, { missing: [], repeated: [], reordered: [1] }],
    ['from before the join', [0, 1], 1, { missing: [], repeated: [0], reordered: [] }],
    ['all of it', [3, 1, 3, 6], 7, { missing: [2, 4, 5, 7], repeated: [3], reordered: [1] }],
  ])('names what was %s', (_, seqs, head, faults) => {
    const ledger = ledgerOf(0, seqs);
    expect({ missing: ledger.missing(head), repeated: ledger.repeated, reordered: ledger.reordered }).toEqual(faults);
  });
});

it('numbers are written as people do', () => {
  expect(ranges([1, 2, 3, 5, 8, 9])).toBe('1–3, 5, 8–9');
  expect(ranges([])).toBe('');
});
