import { INTERVAL_MS, nextEnd } from './node-series.service.js';

describe('the end of an interval', () => {
  it.each([
    [100_000, 110_000],
    [100_007, 110_000],
    [108_999, 110_000],
    // Its timer has come a little before the clock is there: this interval has ended, another one begins.
    [109_999, 120_000],
  ])('at %i ms is %i', (now, end) => {
    expect(nextEnd(now)).toBe(end);
    expect(end % INTERVAL_MS).toBe(0);
  });
});
