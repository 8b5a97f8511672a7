import { RateMeter } from './rate-meter.js';

describe('RateMeter', () => {
  it('tells the rate of the last ten whole seconds', () => {
    const meter = new RateMeter();
    for (let ms = 0; ms < 20_000; ms += 100) meter.count(1_000_000 + ms);
    expect(meter.perSecond(1_020_000)).toBe(10);
  });

  it('does not count the second that is still running', () => {
    const meter = new RateMeter();
    for (let n = 0; n < 50; n++) meter.count(5_000_500);
    expect(meter.perSecond(5_000_900)).toBe(0);
    expect(meter.perSecond(5_001_000)).toBe(5);
  });

  it('forgets after a pause, also one longer than its window, and is not upset by a clock set back', () => {
    const meter = new RateMeter();
    meter.count(5_000_000);
    meter.count(4_000_000);
    expect(meter.perSecond(5_001_000)).toBe(0.2);
    expect(meter.perSecond(9_000_000)).toBe(0);
  });
});
