import { RoomTraffic } from './room-traffic.js';

const MINUTE = 60_000;

describe('the traffic of rooms', () => {
  it('is what was posted in the last minute, by the second', () => {
    const traffic = new RoomTraffic();
    for (let n = 0; n < 120; n++) traffic.count('busy', 10 * MINUTE + n * 500);
    traffic.count('quiet', 10 * MINUTE);
    expect(traffic.rate('busy', 11 * MINUTE)).toBe(2);
    expect(traffic.rate('busy', 11 * MINUTE + 30_000)).toBe(1);
    expect(traffic.rate('quiet', 11 * MINUTE)).toBeCloseTo(1 / 60);
    expect(traffic.rate('none', 11 * MINUTE)).toBe(0);
  });

  it('keeps nothing of rooms that fell silent, and of no more rooms than it may', () => {
    const traffic = new RoomTraffic(2);
    for (const room of ['a', 'b', 'c']) traffic.count(room, MINUTE);
    expect([...traffic.rooms(MINUTE)]).toEqual(['a', 'b']);
    traffic.count('c', 2 * MINUTE);
    expect([...traffic.rooms(2 * MINUTE)]).toEqual(['c', 'a', 'b']);
    expect([...traffic.rooms(3 * MINUTE)]).toEqual(['c']);
    expect([...traffic.rooms(9 * MINUTE)]).toEqual([]);
  });
});
