import { KeyedLimiter } from './keyed-limiter.js';

describe('KeyedLimiter', () => {
  it('lets a burst through, then the rate, for each key by itself', () => {
    const limiter = new KeyedLimiter(() => ({ perSecond: 10, burst: 3 }), 10);
    expect([1, 2, 3].map(() => limiter.take('a', 0))).toEqual([0, 0, 0]);
    expect(limiter.take('a', 0)).toBe(100);
    expect(limiter.take('b', 0)).toBe(0);
    expect(limiter.take('a', 100)).toBe(0);
    expect(limiter.take('a', 100)).toBe(100);
  });

  it('remembers a bounded number of keys, and none that has rested', () => {
    const limiter = new KeyedLimiter(() => ({ perSecond: 10, burst: 3 }), 5);
    for (let n = 0; n < 100; n++) limiter.take(`key ${n}`, 0);
    expect(limiter.size).toBe(5);
    limiter.take('later', 60_000);
    expect(limiter.size).toBe(1);
  });

  it('takes over changed limits at once', () => {
    let burst = 1;
    const limiter = new KeyedLimiter(() => ({ perSecond: 1, burst }), 10);
    limiter.take('a', 0);
    expect(limiter.take('a', 0)).toBe(1000);
    burst = 5;
    expect(limiter.take('b', 0)).toBe(0);
    expect(limiter.take('b', 0)).toBe(0);
  });
});
