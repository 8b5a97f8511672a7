import fc from 'fast-check';
import { ClockOffset } from './clock-offset.js';

describe('how far another clock is ahead', () => {
  it('is at first taken from the middle of the round trip', () => {
    const offset = new ClockOffset();
    expect(offset.value).toBeUndefined();
    offset.add({ sentAt: 100, receivedAt: 110, theirs: 1105 });
    expect(offset.value).toBe(1000);
  });

  it('is not moved by a sample that says less, and no further than one that says more demands', () => {
    const offset = new ClockOffset();
    offset.add({ sentAt: 0, receivedAt: 2, theirs: 1001 });
    offset.add({ sentAt: 100, receivedAt: 2000, theirs: 1101 });
    expect(offset.value).toBe(1000);
    offset.add({ sentAt: 3000, receivedAt: 3010, theirs: 4015 });
    expect(offset.value).toBe(1005);
  });

  it('follows at once when the other clock is set', () => {
    const offset = new ClockOffset();
    offset.add({ sentAt: 0, receivedAt: 2, theirs: 1 });
    offset.add({ sentAt: 100, receivedAt: 102, theirs: 60_101 });
    expect(offset.value).toBe(59_999);
  });

  it('is never wrong by more than half the round trip of the first sample, whatever the later ones take', () => {
    const ms = fc.double({ min: 0, max: 5000, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(ms, ms), { minLength: 1 }), (trips) => {
        const [offset, ahead] = [new ClockOffset(), 60_000];
        let now = 0;
        for (const [there, back] of trips) {
          offset.add({ sentAt: now, receivedAt: now + there + back, theirs: now + there + ahead });
          now += there + back + 500;
        }
        const [there, back] = trips[0] ?? [0, 0];
        expect(Math.abs((offset.value ?? 0) - ahead)).toBeLessThanOrEqual((there + back) / 2 + 1e-6);
      }),
    );
  });
});
