export interface RetryOptions {
  /** From the first failure on, in milliseconds; then the error is thrown. */
  readonly forMs: number;
  /** Whether trying again soon can work. */
  readonly isBusy: (error: unknown) => boolean;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told before each further attempt. */
  readonly onRetry: () => void;
  /** Changes a delay, so that two who are in each other's way do not meet again. @default as it is */
  readonly jitter?: (delayMs: number) => number;
}

const FIRST_DELAY_MS = 1;
const LONGEST_DELAY_MS = 50;

/**
 * Repeats `work` while another connection is in its way. Waits by timer: SQLite's own busy time-out would
 * stop the event loop, and so every client, for as long.
 */
export async function retryWhileBusy<T>(work: () => T | Promise<T>, options: RetryOptions): Promise<T> {
  let deadline: number | undefined;
  let delay = FIRST_DELAY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!options.isBusy(error)) throw error;
      deadline ??= options.now() + options.forMs;
      if (options.now() + delay > deadline) throw error;
    }
    options.onRetry();
    await options.sleep(options.jitter?.(delay) ?? delay);
    delay = Math.min(delay * 2, LONGEST_DELAY_MS);
  }
}
