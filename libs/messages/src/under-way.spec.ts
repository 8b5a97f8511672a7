import { UnderWay } from './under-way.js';

describe('UnderWay', () => {
  it('lets a reading wait for what its sender had under way when it began, and for nothing else', async () => {
    const underWay = new UnderWay();
    const [first, second] = [underWay.begin('lobby', 'ann'), underWay.begin('lobby', 'ann')];
    underWay.begin('elsewhere', 'bob');
    const reading = underWay.now('lobby', 60_000);
    const later = underWay.begin('lobby', 'ann');
    expect(reading.settled('bob')).toBeNull();
    let isOver = false;
    const over = reading.settled('ann')?.then(() => (isOver = true));
    first.resolve();
    await Promise.resolve();
    expect(isOver).toBe(false);
    second.resolve();
    await over;
    expect(reading.settled('ann')).toBeNull();
    expect(underWay.now('lobby', 60_000).settled('ann')).not.toBeNull();
    later.resolve();
    expect(underWay.now('lobby', 60_000).settled('ann')).toBeNull();
    expect(underWay.size).toBe(1);
  });

  it('does not wait for ever', async () => {
    jest.useFakeTimers();
    const underWay = new UnderWay();
    underWay.begin('lobby', 'ann');
    const over = underWay.now('lobby', 10_000).settled('ann');
    await jest.advanceTimersByTimeAsync(10_000);
    await expect(over).resolves.toBeUndefined();
    jest.useRealTimers();
  });
});
