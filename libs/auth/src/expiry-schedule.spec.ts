import { ExpirySchedule } from './expiry-schedule.js';

const START = 1_000_000_000_000;
const at = (seconds: number): number => START + seconds * 1000;

describe('ExpirySchedule', () => {
  let schedule: ExpirySchedule<string>;
  beforeEach(() => {
    schedule = new ExpirySchedule(START);
  });

  it('warns 60 s ahead, then tells the end, each once', () => {
    expect(schedule.add('a', at(100))).toBe(false);
    expect(schedule.advance(at(39.999))).toEqual({ expiring: [], expired: [] });
    expect(schedule.advance(at(40))).toEqual({ expiring: ['a'], expired: [] });
    expect(schedule.advance(at(40))).toEqual({ expiring: [], expired: [] });
    expect(schedule.advance(at(99.999))).toEqual({ expiring: [], expired: [] });
    expect(schedule.advance(at(100))).toEqual({ expiring: [], expired: ['a'] });
    expect(schedule.size).toBe(0);
  });

  it('asks for the warning at once when less than 60 s are left', () => {
    expect(schedule.add('60', at(60))).toBe(true);
    expect(schedule.add('61', at(61))).toBe(false);
    expect(schedule.advance(at(1)).expiring).toEqual(['61']);
  });

  it('ends what has ended already in the next second', () => {
    expect(schedule.add('late', at(-5))).toBe(true);
    expect(schedule.advance(at(1)).expired).toEqual(['late']);
  });

  it('names everything that came due while nobody looked', () => {
    schedule.add('a', at(100));
    schedule.add('b', at(200));
    expect(schedule.advance(at(150))).toEqual({ expiring: ['a', 'b'], expired: ['a'] });
  });

  it('says nothing about what was removed, in whichever second it would have come', () => {
    for (const end of [-5, 0, 0.5, 30, 100]) {
      schedule.add('gone', at(end));
      schedule.remove('gone', at(end));
    }
    expect(schedule.size).toBe(0);
    expect(schedule.advance(at(300))).toEqual({ expiring: [], expired: [] });
  });

  it('does nothing while the clock goes back', () => {
    schedule.add('a', at(10));
    schedule.advance(at(5));
    expect(schedule.advance(at(-100))).toEqual({ expiring: [], expired: [] });
    expect(schedule.advance(at(10)).expired).toEqual(['a']);
  });
});
