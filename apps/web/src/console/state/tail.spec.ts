import { Tail } from './tail.js';

describe('Tail', () => {
  it('has the newest first and never more than its bound, however many come at once', () => {
    const tail = new Tail<{ n: number }>(3);
    for (let n = 0; n < 10; n++) tail.add({ n });
    expect(tail.flush()).toBe(true);
    expect(tail.items.map(({ n }) => n)).toEqual([9, 8, 7]);
    tail.add({ n: 10 });
    tail.flush();
    expect(tail.items.map(({ n, key }) => [n, key])).toEqual([
      [10, 10],
      [9, 9],
      [8, 8],
    ]);
    expect(tail.total).toBe(11);
  });

  it('stands still while it is held, and goes on with what is newest then', () => {
    const tail = new Tail<{ n: number }>(2);
    tail.add({ n: 0 });
    tail.flush();
    tail.hold(true);
    for (let n = 1; n < 100; n++) tail.add({ n });
    expect([tail.flush(), tail.items.map(({ n }) => n)]).toEqual([false, [0]]);
    expect(tail.waitingCount).toBeLessThanOrEqual(4);
    tail.hold(false);
    tail.flush();
    expect(tail.items.map(({ n }) => n)).toEqual([99, 98]);
  });
});
