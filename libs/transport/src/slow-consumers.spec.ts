import { PATIENCE_MS, SlowConsumers } from './slow-consumers.js';

const LIMIT = 100;
const consumer = (backlogBytes = 0): { backlogBytes: number; isCongested: boolean } => ({
  backlogBytes,
  isCongested: false,
});

describe('a slow consumer', () => {
  it('is cut after a second over the limit, also when nobody sends to it meanwhile', () => {
    const slow = new SlowConsumers();
    const one = consumer(101);
    expect(slow.measure(one, 101, LIMIT, 0)).toBe(false);
    expect(slow.check(LIMIT, PATIENCE_MS - 1)).toEqual([]);
    expect(slow.check(LIMIT, PATIENCE_MS)).toEqual([one]);
  });

  it('is cut at once above four times the limit', () => {
    const slow = new SlowConsumers();
    expect(slow.measure(consumer(), 400, LIMIT, 0)).toBe(false);
    expect(slow.measure(consumer(), 401, LIMIT, 0)).toBe(true);
  });

  it('starts anew once it has come below', () => {
    const slow = new SlowConsumers();
    const one = consumer(200);
    slow.measure(one, 200, LIMIT, 0);
    one.backlogBytes = 100;
    expect(slow.check(LIMIT, 900)).toEqual([]);
    one.backlogBytes = 200;
    expect(slow.measure(one, 200, LIMIT, 950)).toBe(false);
    expect(slow.check(LIMIT, 1900)).toEqual([]);
    expect(slow.check(LIMIT, 1950)).toEqual([one]);
  });

  it('is congested exactly while it is over the limit', () => {
    const slow = new SlowConsumers();
    const one = consumer(101);
    slow.measure(one, 101, LIMIT, 0);
    expect(one.isCongested).toBe(true);
    one.backlogBytes = 100;
    slow.check(LIMIT, 10);
    expect(one.isCongested).toBe(false);
  });

  it('is not looked at once it has gone', () => {
    const slow = new SlowConsumers();
    const one = consumer(101);
    slow.measure(one, 101, LIMIT, 0);
    slow.forget(one);
    expect(slow.check(LIMIT, 5000)).toEqual([]);
  });
});
