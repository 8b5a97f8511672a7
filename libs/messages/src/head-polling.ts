import { isHubbubError } from '@hubbub/protocol';
import type { Logger } from '@nestjs/common';

export interface HeadPollingOptions {
  /** Longest pause between two looks; read before each. */
  readonly everyMs: () => number;
  /** Reads the heads in the database, and tells the channels. */
  readonly look: () => Promise<void>;
  readonly logger: Logger;
}

/**
 * Looks into the database every so often whether it has anything that nobody here was told of. Asking costs one query for
 * many logs, and needs no bus at all: announcements of heads could be lost like everything else that is on it.
 */
export class HeadPolling {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly options: HeadPollingOptions) {}

  start(): void {
    // Nodes that were started together do not ask together.
    const ms = this.options.everyMs() * (0.75 + Math.random() / 4);
    this.timer = setTimeout(() => void this.now(), ms).unref();
  }

  /** Looks at once: the bus was away. Joins a look that is under way. Never rejects. */
  now(): Promise<void> {
    this.looking ??= this.look().finally(() => {
      this.looking = null;
      if (!this.stopped) this.start();
    });
    return this.looking;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    if (this.stopped) return;
    try {
      await this.options.look();
    } catch (error) {
      // A database that is away is reported by the database.
      if (!isHubbubError(error)) this.options.logger.error({ msg: 'heads not looked at', err: error });
    }
  }
}
