import { HubbubError } from '@hubbub/protocol';
import type { Logger } from '@nestjs/common';
import { HeadPolling } from './head-polling.js';

function setUp() {
  const errors: unknown[] = [];
  const looks: { end: () => void; fail: (error: unknown) => void }[] = [];
  const polling = new HeadPolling({
    everyMs: () => 1000,
    look: () => new Promise((end, fail) => looks.push({ end, fail })),
    logger: { error: (entry: unknown) => errors.push(entry) } as unknown as Logger,
  });
  polling.start();
  return { polling, looks, errors };
}

describe('HeadPolling', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('looks again within its time, but never while it looks', async () => {
    const { looks, polling } = setUp();
    await jest.advanceTimersByTimeAsync(1000);
    expect(looks).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(looks).toHaveLength(1);
    looks[0]?.end();
    await jest.advanceTimersByTimeAsync(1000);
    expect(looks).toHaveLength(2);
    polling.stop();
  });

  it('looks at once when it is told to, and then as before', async () => {
    const { looks, polling } = setUp();
    const first = polling.now();
    expect(polling.now()).toBe(first);
    expect(looks).toHaveLength(1);
    looks[0]?.end();
    await first;
    await jest.advanceTimersByTimeAsync(1000);
    expect(looks).toHaveLength(2);
    polling.stop();
  });

  it('goes on after errors, and logs those that nobody else does', async () => {
    const { looks, errors, polling } = setUp();
    await jest.advanceTimersByTimeAsync(1000);
    looks[0]?.fail(new HubbubError('ServerError'));
    await jest.advanceTimersByTimeAsync(1000);
    expect(errors).toEqual([]);
    looks[1]?.fail(new Error('a bug'));
    await jest.advanceTimersByTimeAsync(1000);
    expect([looks.length, errors.length]).toEqual([3, 1]);
    polling.stop();
  });

  it('stops for good, also while it looks', async () => {
    const { looks, polling } = setUp();
    await jest.advanceTimersByTimeAsync(1000);
    polling.stop();
    looks[0]?.end();
    await jest.advanceTimersByTimeAsync(5000);
    expect([looks.length, jest.getTimerCount()]).toEqual([1, 0]);
  });
});
