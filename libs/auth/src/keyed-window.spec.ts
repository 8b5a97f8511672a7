import { KeyedWindow } from './keyed-window.js';

const limits = { max: 3, windowMs: 1000 };

describe('KeyedWindow', () => {
  it('lets no more than the limit through in a window, and says when the next begins', () => {
    const window = new KeyedWindow(() => limits, 10);
    expect([0, 1, 2].map((ms) => window.take('a', ms))).toEqual([0, 0, 0]);
    expect(window.take('a', 400)).toBe(600);
    expect(window.take('a', 999)).toBe(1);
    expect(window.take('b', 999)).toBe(0);
    expect(window.take('a', 1000)).toBe(0);
  });

  it('is not prolonged by what it refuses', () => {
    const window = new KeyedWindow(() => limits, 10);
    for (let ms = 0; ms < 1000; ms += 10) window.take('a', ms);
    expect(window.take('a', 1000)).toBe(0);
  });

  it('gives back what is refunded', () => {
    const window = new KeyedWindow(() => limits, 10);
    for (let n = 0; n < 3; n++) window.take('a', 0);
    window.refund('a');
    expect(window.take('a', 1)).toBe(0);
    expect(window.take('a', 2)).toBeGreaterThan(0);
    window.refund('never counted');
  });

  it('remembers a bounded number of keys, and none whose window has ended', () => {
    const window = new KeyedWindow(() => limits, 5);
    for (let n = 0; n < 100; n++) window.take(`key ${n}`, n);
    expect(window.size).toBe(5);
    window.take('later', 5000);
    expect(window.size).toBe(1);
  });

  it('takes over changed limits at once', () => {
    let max = 1;
    const window = new KeyedWindow(() => ({ max, windowMs: 1000 }), 10);
    window.take('a', 0);
    expect(window.take('a', 0)).toBe(1000);
    max = 2;
    expect(window.take('a', 0)).toBe(0);
  });
});
