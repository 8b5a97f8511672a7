import { CommandError } from '@hubbub/client';
import { type PageVisibility, Poll } from './poll.js';

class FakePage implements PageVisibility {
  hidden = false;
  private readonly listeners = new Set<() => void>();

  listen(listener: () => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  show(isShown: boolean) {
    this.hidden = !isShown;
    for (const listener of this.listeners) listener();
  }

  get isHeard() {
    return this.listeners.size > 0;
  }
}

describe('Poll', () => {
  let page: FakePage;
  beforeEach(() => {
    page = new FakePage();
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  it('asks at once and then at its interval, and nothing while nobody looks', async () => {
    const load = jest.fn(async (_: AbortSignal, before: number | null) => (before ?? 0) + 1);
    const stop = new Poll<number>(load, { everyMs: 1000, page }).start();
    await jest.advanceTimersByTimeAsync(2500);
    expect(load).toHaveBeenCalledTimes(3);
    page.show(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(3);
    page.show(true);
    await jest.advanceTimersByTimeAsync(0);
    expect(load).toHaveBeenCalledTimes(4);
    stop();
    await jest.advanceTimersByTimeAsync(60_000);
    expect([load.mock.calls.length, page.isHeard]).toEqual([4, false]);
  });

  it('keeps the last answer when one fails, says why, and waits as long as the gateway asks for', async () => {
    const limited = new CommandError('RateLimited', { code: 1005, retryable: true, retryAfterMs: 5000 });
    const load = jest.fn<Promise<string>, []>().mockResolvedValueOnce('first').mockRejectedValueOnce(limited);
    load.mockResolvedValue('later');
    const poll = new Poll<string>(load, { everyMs: 1000, page });
    const stop = poll.start();
    await jest.advanceTimersByTimeAsync(1000);
    expect([poll.data.value, poll.error.value?.name]).toEqual(['first', 'RateLimited']);
    await jest.advanceTimersByTimeAsync(4999);
    expect(load).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(1);
    expect([poll.data.value, poll.error.value]).toEqual(['later', null]);
    stop();
  });

  it('does not ask by itself again for what was refused for good, but when it is told to', async () => {
    const load = jest.fn<Promise<string>, []>().mockRejectedValueOnce(new CommandError('RoomNotFound', { code: 3000 }));
    load.mockResolvedValue('there it is');
    const poll = new Poll<string>(load, { everyMs: 1000, page });
    const stop = poll.start();
    await jest.advanceTimersByTimeAsync(60_000);
    expect([load.mock.calls.length, poll.error.value?.name]).toEqual([1, 'RoomNotFound']);
    await poll.refresh();
    expect([poll.data.value, poll.error.value]).toEqual(['there it is', null]);
    stop();
  });

  it('takes no answer of a question that was asked anew meanwhile', async () => {
    const answers: ((answer: string) => void)[] = [];
    const poll = new Poll<string>(() => new Promise((resolve) => answers.push(resolve)), { page });
    const stop = poll.start();
    const again = poll.refresh();
    answers[1]?.('new');
    await again;
    answers[0]?.('old');
    await jest.advanceTimersByTimeAsync(0);
    expect([poll.data.value, poll.loading.value]).toEqual(['new', false]);
    stop();
  });
});
