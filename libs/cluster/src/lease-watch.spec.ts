import fc from 'fast-check';
import { type Lease, leaseTimes } from './lease.js';
import { LeaseWatch } from './lease-watch.js';

const TIMES = leaseTimes(5000);
const lease = (nodeId: string, beat: number, incarnation = 'first'): Lease => ({ nodeId, incarnation, beat });
const ids = (leases: readonly Lease[]) => leases.map(({ nodeId }) => nodeId);

/** Looks every `stepMs` until `untilMs`; returns when the first look named `nodeId`. */
function firstNamed(watch: LeaseWatch, fromMs: number, untilMs: number, stepMs: number, at: (ms: number) => Lease[]) {
  for (let ms = fromMs; ms <= untilMs; ms += stepMs) {
    if (watch.look(at(ms), ms).length > 0) return ms;
  }
  return undefined;
}

describe('who is dead, as one observer sees it', () => {
  it('is nobody who beats, however long it looks', () => {
    const watch = new LeaseWatch(TIMES);
    expect(firstNamed(watch, 0, 60_000, 500, (ms) => [lease('a', ms), lease('b', Math.floor(ms / 3000))])).toBe(
      undefined,
    );
  });

  it('is who stood still for 0.7 of the timeout, so that something is left to tell it in', () => {
    const watch = new LeaseWatch(TIMES);
    const died = firstNamed(watch, 0, 60_000, 500, (ms) => [lease('a', ms), lease('b', Math.min(ms, 10_000))]);
    expect(died).toBe(13_500);
  });

  it('is named again at each look until its lease is gone', () => {
    const watch = new LeaseWatch(TIMES);
    firstNamed(watch, 0, 4000, 500, () => [lease('b', 1)]);
    expect(ids(watch.look([lease('a', 1), lease('b', 1)], 4500))).toEqual(['b']);
    expect(watch.look([lease('a', 2)], 5000)).toEqual([]);
  });

  it('is nobody when the observer could not look meanwhile: its database was away, or it was stopped itself', () => {
    const watch = new LeaseWatch(TIMES);
    watch.look([lease('b', 1)], 0);
    expect(watch.look([lease('b', 1)], 60_000)).toEqual([]);
    const died = firstNamed(watch, 60_500, 70_000, 500, () => [lease('b', 1)]);
    expect(died).toBe(63_500);
  });

  it('is nobody who came back under the same name: it has all its time', () => {
    const watch = new LeaseWatch(TIMES);
    firstNamed(watch, 0, 3000, 500, () => [lease('b', 7)]);
    expect(watch.look([lease('b', 7, 'second')], 3500)).toEqual([]);
    expect(firstNamed(watch, 4000, 9000, 500, () => [lease('b', 7, 'second')])).toBe(7000);
  });

  it('is not who was seen late by a slow look: it counts from its end', () => {
    const watch = new LeaseWatch(TIMES);
    watch.look([lease('b', 1)], 0, 1400);
    for (const at of [2000, 3000, 4000, 4800]) expect(watch.look([lease('b', 1)], at)).toEqual([]);
    expect(ids(watch.look([lease('b', 1)], 4900))).toEqual(['b']);
  });

  it('does not depend on which way a beat goes: a database that was restored from a backup has lower ones', () => {
    const watch = new LeaseWatch(TIMES);
    firstNamed(watch, 0, 3000, 500, () => [lease('b', 900)]);
    expect(watch.look([lease('b', 2)], 3500)).toEqual([]);
  });

  it('is never who was seen with another beat less than that time ago, and always who was not, at any looks', () => {
    const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 2500 }), beats: fc.boolean() }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (looks) => {
        const watch = new LeaseWatch(TIMES);
        let [now, beat, since] = [0, 0, 0];
        watch.look([lease('b', beat)], now);
        for (const { ms, beats } of looks) {
          now += ms;
          if (beats) beat++;
          if (beats || ms > TIMES.longestGapMs) since = now;
          expect(watch.look([lease('b', beat)], now).length === 1).toBe(now - since >= TIMES.deadAfterMs);
        }
      }),
    );
  });

  it('is nobody who may still be sure of itself', () => {
    expect(TIMES.certainMs).toBeLessThan(TIMES.deadAfterMs);
    // Seen at the earliest when it was made, and named at the earliest so long after that.
    expect(TIMES.deadAfterMs + TIMES.beatMs * 2).toBeLessThan(5000);
  });
});
