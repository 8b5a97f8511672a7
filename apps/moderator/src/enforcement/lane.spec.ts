import { Logger } from '@nestjs/common';
import { Lane } from './lane.js';

/** What is due, and what becomes of it. */
class Jobs {
  readonly name = 'jobs';
  readonly due: number[] = [];
  readonly done: number[] = [];
  attempts = 0;
  perform = async (job: number): Promise<void> => this.finish(job);

  next(): number | undefined {
    return this.due[0];
  }

  finish(job: number): void {
    this.done.push(job);
    this.due.shift();
  }
}

describe('Lane', () => {
  let jobs: Jobs;
  let lane: Lane<number>;
  beforeEach(() => {
    jest.useFakeTimers();
    Logger.overrideLogger(false);
    jobs = new Jobs();
    lane = new Lane({
      name: 'jobs',
      next: () => jobs.next(),
      perform: (job) => {
        jobs.attempts++;
        return jobs.perform(job);
      },
    });
  });
  afterEach(() => {
    jest.useRealTimers();
    Logger.overrideLogger(['error']);
  });

  it('does what is due, one after another, whenever it is woken', async () => {
    lane.wake();
    jobs.due.push(1, 2);
    lane.wake();
    lane.wake();
    await jest.advanceTimersByTimeAsync(0);
    expect([jobs.done, jobs.attempts]).toEqual([[1, 2], 2]);
    jobs.due.push(3);
    lane.wake();
    await jest.advanceTimersByTimeAsync(0);
    expect(jobs.done).toEqual([1, 2, 3]);
  });

  it('tries again what failed, each time a little later, before it goes on', async () => {
    jobs.perform = async (job) => {
      if (jobs.attempts < 4) throw new Error('away');
      jobs.finish(job);
    };
    jobs.due.push(1, 2);
    lane.wake();
    await jest.advanceTimersByTimeAsync(699);
    expect([jobs.attempts, jobs.done, lane.failure?.message]).toEqual([3, [], 'away']);
    await jest.advanceTimersByTimeAsync(1);
    expect([jobs.done, lane.failure]).toEqual([[1, 2], null]);
  });

  it('waits as long as it is asked to', async () => {
    jobs.perform = async (job) => {
      if (jobs.attempts === 1) throw Object.assign(new Error('busy'), { retryAfterMs: 3000 });
      jobs.finish(job);
    };
    jobs.due.push(1);
    lane.wake();
    await jest.advanceTimersByTimeAsync(2999);
    expect(jobs.attempts).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(jobs.done).toEqual([1]);
  });

  it('stops behind what it is doing, and at once where it waits', async () => {
    let finish = () => {};
    jobs.perform = (job) => new Promise((resolve) => (finish = () => resolve(jobs.finish(job))));
    jobs.due.push(1, 2);
    lane.wake();
    const stopped = lane.stop();
    finish();
    await stopped;
    lane.wake();
    expect([jobs.done, jobs.attempts]).toEqual([[1], 1]);
    const failing = new Lane({ name: 'failing', next: () => 1, perform: () => Promise.reject(new Error('away')) });
    failing.wake();
    await jest.advanceTimersByTimeAsync(0);
    await failing.stop();
    expect(failing.failure?.message).toBe('away');
  });
});
