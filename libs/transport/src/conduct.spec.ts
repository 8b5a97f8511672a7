import { Conduct, type ConductLimits } from './conduct.js';

const LIMITS: ConductLimits = { commandsPerS: 10, commandsBurst: 5, rateCloseAfterMs: 10_000, malformedFrames: 3 };

describe('Conduct', () => {
  it('lets a burst pass and then says when the next command may come', () => {
    const conduct = new Conduct(LIMITS, 0);
    expect([1, 2, 3, 4, 5].map(() => conduct.take(0))).toEqual([0, 0, 0, 0, 0]);
    expect(conduct.take(0)).toBe(100);
    expect(conduct.take(100)).toBe(0);
  });

  it('gives up on a connection that stays over its rate without a pause', () => {
    const conduct = new Conduct(LIMITS, 0);
    let closedAt = -1;
    for (let now = 0; closedAt < 0 && now < 60_000; now += 50) {
      if (conduct.take(now) > 0 && conduct.isOverTooLong(now)) closedAt = now;
    }
    // The burst and what runs in meanwhile last for about half a second.
    expect(closedAt).toBeGreaterThanOrEqual(10_000);
    expect(closedAt).toBeLessThan(11_000);
  });

  it('starts anew after a pause', () => {
    const conduct = new Conduct(LIMITS, 0);
    let refusals = 0;
    for (let now = 0; now < 60_000; now += 50) {
      // A second of silence in every five.
      if (now % 5000 >= 4000 || conduct.take(now) === 0) continue;
      refusals++;
      expect(conduct.isOverTooLong(now)).toBe(false);
    }
    expect(refusals).toBeGreaterThan(100);
  });

  it('counts malformed frames by the minute', () => {
    const conduct = new Conduct(LIMITS, 0);
    expect([0, 1, 2].map((now) => conduct.addMalformed(now))).toEqual([false, false, false]);
    expect(conduct.addMalformed(60_000)).toBe(false);
    expect([60_001, 60_002].map((now) => conduct.addMalformed(now))).toEqual([false, false]);
    expect(conduct.addMalformed(60_003)).toBe(true);
  });

  it('takes over changed limits', () => {
    const conduct = new Conduct(LIMITS, 0);
    conduct.configure({ ...LIMITS, commandsBurst: 1, malformedFrames: 0 }, 0);
    expect(conduct.take(0)).toBe(0);
    expect(conduct.take(0)).toBeGreaterThan(0);
    expect(conduct.addMalformed(0)).toBe(true);
  });
});
