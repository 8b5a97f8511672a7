import { Restarts } from './restarts.js';

describe('Restarts', () => {
  it('replaces one that has served at once, and one that keeps ending more and more slowly', () => {
    const restarts = new Restarts();
    const livesFor = (ms: number, at: number) => {
      restarts.listens(at);
      return restarts.ended(at + ms);
    };
    expect(livesFor(60_000, 0)).toBe(0);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => livesFor(50, n))).toEqual([
      0, 100, 200, 400, 800, 1600, 3200, 5000, 5000,
    ]);
    expect(livesFor(60_000, 100)).toBe(0);
    expect([livesFor(50, 200), livesFor(50, 300)]).toEqual([0, 100]);
  });

  it('gives up on one that never comes so far as to listen', () => {
    const restarts = new Restarts();
    expect([1, 2, 3, 4, 5].map((n) => restarts.ended(n))).toEqual([0, 100, 200, 400, undefined]);
  });

  it('forgets failed starts once it listens', () => {
    const restarts = new Restarts();
    for (let n = 0; n < 4; n++) restarts.ended(n);
    restarts.listens(10);
    expect(restarts.ended(20_000)).toBe(0);
    expect([1, 2, 3, 4].map((n) => restarts.ended(20_000 + n))).not.toContain(undefined);
  });
});
