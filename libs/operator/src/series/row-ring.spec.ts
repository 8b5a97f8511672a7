import { RowRing } from './row-ring.js';

describe('a ring of rows', () => {
  it('has the last ones, the oldest first, and those after a moment', () => {
    const ring = new RowRing(3, 2);
    expect(ring.after(0)).toEqual([]);
    for (const at of [10, 20, 30, 40]) ring.push(Float64Array.of(at, at / 10));
    expect(ring.after(0)).toEqual([
      [20, 2],
      [30, 3],
      [40, 4],
    ]);
    expect(ring.after(30)).toEqual([[40, 4]]);
    expect(ring.after(40)).toEqual([]);
  });

  it('has each moment once, in order, though the clock is set back', () => {
    const ring = new RowRing(4, 2);
    for (const at of [10, 20, 30, 40, 50, 30, 30, 60]) ring.push(Float64Array.of(at, ring.after(0).length));
    expect(ring.after(0).map(([at]) => at)).toEqual([20, 30, 60]);
    ring.push(Float64Array.of(5, 0));
    expect(ring.after(0)).toEqual([[5, 0]]);
  });
});
