import { startPatience } from './patience.js';

describe('startPatience', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends when the time is over, unless it is stopped', () => {
    const expired: string[] = [];
    startPatience(1000, () => expired.push('first'));
    const stop = startPatience(1000, () => expired.push('second'));
    jest.advanceTimersByTime(999);
    stop();
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(expired).toEqual(['first']);
  });

  it('does not take the time in which this process was stopped for silence of the other side', () => {
    const expire = jest.fn();
    startPatience(1000, expire);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 9000);
    jest.advanceTimersByTime(1000);
    expect(expire).not.toHaveBeenCalled();
    clock.mockReturnValue(now + 9500);
    jest.advanceTimersByTime(500);
    expect(expire).toHaveBeenCalledTimes(1);
    clock.mockRestore();
  });
});
