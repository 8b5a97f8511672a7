import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('lets a burst through, then the rate', () => {
    const bucket = new TokenBucket(50, 3, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([0, 0, 0, 20]);
    expect(bucket.take(19)).toBe(1);
    expect(bucket.take(20)).toBe(0);
    expect(bucket.take(20)).toBe(20);
  });

  it('holds no more than the burst', () => {
    const bucket = new TokenBucket(50, 2, 0);
    expect([1, 2, 3].map(() => bucket.take(60_000))).toEqual([0, 0, 20]);
  });

  it('has a token after exactly the wait that it told', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e5, noNaN: true }), fc.integer({ min: 1, max: 50 }), (rate, burst) => {
        const bucket = new TokenBucket(rate, burst, 0);
        let now = 0;
        for (let i = 0; i < burst * 3; i++) {
          const wait = bucket.take(now);
          if (wait === 0) continue;
          now += wait;
          expect(bucket.take(now)).toBe(0);
        }
      }),
    );
  });

  it('gives nothing for a clock that was set back', () => {
    const bucket = new TokenBucket(1, 1, 10_000);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.take(5000)).toBe(1000);
    expect(bucket.take(6000)).toBe(0);
  });

  it('may be forgotten once it is full', () => {
    const bucket = new TokenBucket(10, 2, 0);
    bucket.take(0);
    expect(bucket.isFull(99)).toBe(false);
    expect(bucket.isFull(100)).toBe(true);
  });

  it('takes over changed limits', () => {
    const bucket = new TokenBucket(1, 10, 0);
    bucket.configure(100, 2, 0);
    expect([1, 2, 3].map(() => bucket.take(0))).toEqual([0, 0, 10]);
  });
});
