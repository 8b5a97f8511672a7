import { Logger } from '@nestjs/common';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/** Work that is due in an order. */
export interface Work<T> {
  /** What it is, for the log. */
  readonly name: string;
  /** The first that is due; undefined if nothing is. The same again until `perform` has made it done. */
  next(): T | undefined;
  /** Does it, and notes that it is done. It may have been done before, by a process that was killed. */
  perform(item: T): Promise<void>;
}

/** Does what is due, one after another, and whatever fails again until it succeeds. */
export class Lane<T> {
  private readonly logger = new Logger('Moderator');
  private isRunning = false;
  private isStopping = false;
  private endPause = () => {};
  private running: Promise<void> = Promise.resolve();
  /** Why what is due first does not succeed, at the moment; null if nothing is in its way. */
  failure: Error | null = null;

  constructor(private readonly work: Work<T>) {}

  get name(): string {
    return this.work.name;
  }

  /** Something may be due. */
  wake(): void {
    if (!this.isRunning && !this.isStopping) this.running = this.run();
  }

  /** Ends once what is being done is done or has failed. What is due stays due. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.endPause();
    await this.running;
  }

  private async run(): Promise<void> {
    let attempt = 0;
    this.isRunning = true;
    while (!this.isStopping) {
      try {
        const item = this.work.next();
        if (item === undefined) break;
        await this.work.perform(item);
        if (this.failure !== null) this.logger.log({ msg: 'goes on', work: this.name });
        [attempt, this.failure] = [0, null];
      } catch (error) {
        if (this.failure === null) this.logger.warn({ msg: 'failed, trying again', work: this.name, err: error });
        this.failure = error as Error;
        await this.pause(pauseMs(attempt++, error));
      }
    }
    this.isRunning = false;
  }

  /** Cut short by `stop`. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isStopping) this.endPause();
    });
  }
}

/** As long as the other side asks for; otherwise twice as long each time. */
function pauseMs(attempt: number, error: unknown): number {
  const { retryAfterMs } = error as { retryAfterMs?: number };
  return retryAfterMs ?? Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
}
