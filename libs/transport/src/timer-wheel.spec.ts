import fc from 'fast-check';
import { TimerWheel } from './timer-wheel.js';

const item = (): { dueTick: number } => ({ dueTick: 0 });

describe('the timer wheel', () => {
  it('is never early, and at most two ticks and the gap between looks late', () => {
    const step = fc.record({ passMs: fc.integer({ min: 1, max: 9000 }), inMs: fc.integer({ min: 0, max: 120_000 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 50 }), (steps) => {
        const wheel = new TimerWheel<{ dueTick: number; dueAt: number }>(100, 5);
        const pending = new Set<object>();
        let now = 5;
        let lookedAt = 5;
        const look = (): void => {
          const gap = now - lookedAt;
          lookedAt = now;
          wheel.advance(now, (due) => {
            expect(pending.delete(due)).toBe(true);
            expect(now).toBeGreaterThanOrEqual(due.dueAt);
            expect(now - due.dueAt).toBeLessThanOrEqual(200 + gap);
          });
        };
        for (const { passMs, inMs } of steps) {
          const added = { dueTick: 0, dueAt: now + inMs };
          pending.add(added);
          wheel.add(added, inMs);
          now += passMs;
          look();
        }
        for (let i = 0; i < 2000; i++) {
          now += 100;
          look();
        }
        expect(pending.size).toBe(0);
      }),
    );
  });

  it('moves an item that is added again', () => {
    const wheel = new TimerWheel(100, 0);
    const one = item();
    const due: number[] = [];
    wheel.add(one, 300);
    wheel.add(one, 1000);
    for (let now = 0; now <= 3000; now += 100) wheel.advance(now, () => due.push(now));
    expect(due).toEqual([1100]);
  });

  it('forgets what was removed, also from within', () => {
    const wheel = new TimerWheel<{ dueTick: number }>(100, 0);
    const [first, second] = [item(), item()];
    const due: object[] = [];
    wheel.add(first, 100);
    wheel.add(second, 100);
    wheel.advance(1000, (found) => {
      due.push(found);
      wheel.remove(second);
    });
    expect(due).toEqual([first]);
  });

  it('counts from now what is added while a long stop is caught up with', () => {
    const wheel = new TimerWheel<{ dueTick: number }>(100, 0);
    const one = item();
    const due: number[] = [];
    wheel.add(one, 100);
    const look = (now: number): void =>
      wheel.advance(now, (found) => {
        due.push(now);
        if (due.length === 1) wheel.add(found, 1000);
      });
    for (const now of [60_000, 60_500, 61_000, 61_100, 61_200]) look(now);
    expect(due).toEqual([60_000, 61_100]);
  });
});
