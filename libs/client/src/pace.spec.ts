import type { Session } from '@hubbub/protocol';
import { Pace } from './pace.js';

const allowing = (commands_per_s: number, commands_burst: number) => ({ commands_per_s, commands_burst }) as Session;

/** When each of `count` messages leaves that all want to at once, in ms. */
function leave(pace: Pace, count: number): number[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    now += pace.waitMs(now, 0);
    pace.take(now, 1);
    return now;
  });
}

describe('the pace of messages', () => {
  it('is below what the gateway allows: a burst, and then one after the other', () => {
    const pace = new Pace();
    pace.begin(allowing(50, 10), 0);
    const times = leave(pace, 53);
    expect(times.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 23]);
    // 45 of 50 a second.
    expect(times[52]).toBeGreaterThanOrEqual(1000);
    expect(times[52]).toBeLessThan(1100);
  });

  it('counts commands that do not wait, too', () => {
    const pace = new Pace();
    pace.begin(allowing(50, 10), 0);
    for (let i = 0; i < 10; i++) pace.take(0, 1);
    expect(pace.waitMs(0, 0)).toBe(67);
    expect(pace.waitMs(67, 0)).toBe(0);
  });

  it('does not begin anew while nothing is answered', () => {
    const pace = new Pace();
    pace.begin(allowing(50, 10), 0);
    for (let unanswered = 1; unanswered <= 8; unanswered++) pace.take(0, unanswered);
    // Of a gateway that stands still for a minute: it counts eight, and has two left.
    expect(pace.waitMs(60_000, 8)).toBeGreaterThan(0);
    expect(pace.waitMs(60_000, 0)).toBeGreaterThan(0);
    expect(pace.waitMs(60_023, 0)).toBe(0);
  });

  it('lets all leave where the gateway says nothing', () => {
    const pace = new Pace();
    pace.begin({} as Session, 0);
    expect(leave(pace, 1000).at(-1)).toBe(0);
  });

  it('begins anew with a connection, and not with one that goes on', () => {
    const pace = new Pace();
    const first = allowing(10, 10);
    pace.begin(first, 0);
    leave(pace, 8);
    pace.begin(first, 0);
    expect(pace.waitMs(0, 0)).toBeGreaterThan(0);
    pace.begin(allowing(10, 10), 0);
    expect(pace.waitMs(0, 0)).toBe(0);
  });
});
