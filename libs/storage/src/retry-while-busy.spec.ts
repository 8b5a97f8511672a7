import { retryWhileBusy } from './retry-while-busy.js';
import { isBusy } from './storage-error.js';

const busy = Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' });

/** A clock that moves only by sleeping. */
function clock() {
  const sleeps: number[] = [];
  let time = 0;
  const sleep = async (ms: number): Promise<void> => {
    sleeps.push(ms);
    time += ms;
  };
  return { sleeps, options: { isBusy, now: () => time, sleep, onRetry: () => {} } };
}

describe('retryWhileBusy', () => {
  it('tries again, at longer and longer intervals, until the lock is free', async () => {
    const { sleeps, options } = clock();
    let attempts = 0;
    const work = (): string => {
      if (++attempts < 9) throw busy;
      return 'stored';
    };
    expect(await retryWhileBusy(work, { ...options, forMs: 1000 })).toBe('stored');
    expect(sleeps).toEqual([1, 2, 4, 8, 16, 32, 50, 50]);
  });

  it('gives up in time, with the error of the lock', async () => {
    const { sleeps, options } = clock();
    await expect(retryWhileBusy(() => Promise.reject(busy), { ...options, forMs: 100 })).rejects.toBe(busy);
    expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(100);
    expect(sleeps.length).toBeGreaterThan(5);
  });

  it('knows a lock inside the wrapping of TypeORM, and throws any other error at once', async () => {
    const { sleeps, options } = clock();
    let attempts = 0;
    const wrapped = (): void => {
      if (++attempts === 1) throw Object.assign(new Error('query failed'), { driverError: busy });
    };
    await retryWhileBusy(wrapped, { ...options, forMs: 100 });
    expect(sleeps).toEqual([1]);
    const other = Object.assign(new Error('unique'), { code: 'SQLITE_CONSTRAINT_UNIQUE' });
    await expect(retryWhileBusy(() => Promise.reject(other), { ...options, forMs: 100 })).rejects.toBe(other);
    expect(sleeps).toEqual([1]);
  });
});
