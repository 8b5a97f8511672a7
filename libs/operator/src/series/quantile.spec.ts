import { quantile } from './quantile.js';

const BOUNDS = [1, 2, 4];

describe('a quantile of a histogram', () => {
  it('lies inside its bucket, as far in as its rank', () => {
    expect(quantile(0.5, BOUNDS, [0, 10, 0, 0])).toBe(1.5);
    expect(quantile(0.5, BOUNDS, [4, 0, 4, 0])).toBe(1);
    expect(quantile(0.75, BOUNDS, [4, 0, 4, 0])).toBe(3);
    expect(quantile(1, BOUNDS, [4, 0, 4, 0])).toBe(4);
    expect(quantile(0.99, BOUNDS, [100, 0, 0, 0])).toBeCloseTo(0.99);
  });

  it('is the highest bound for what is above all, and none where nothing was counted', () => {
    expect(quantile(0.99, BOUNDS, [1, 0, 0, 9])).toBe(4);
    expect(quantile(0.99, BOUNDS, [0, 0, 0, 0])).toBeNaN();
  });
});
