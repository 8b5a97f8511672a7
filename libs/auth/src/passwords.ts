import { HubbubError } from '@hubbub/protocol';
import { hash, verify } from '@node-rs/argon2';

/** What OWASP names for argon2id: 19 MiB, two passes. About 20 ms of one core. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

export interface PasswordsOptions {
  /**
   * Hashes computed at once: the thread pool they run in has four threads, which files and name look-ups share.
   * @default 2
   */
  readonly concurrency?: number;
  /**
   * Passwords that wait for their turn. Beyond it they are refused, as they would only time out.
   * @default 100
   */
  readonly maxWaiting?: number;
}

/** Hashes and checks passwords with argon2id, off the event loop, a bounded number at a time. */
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | null = null;
  private readonly concurrency: number;
  private readonly maxWaiting: number;

  constructor(options: PasswordsOptions = {}) {
    this.concurrency = options.concurrency ?? 2;
    this.maxWaiting = options.maxWaiting ?? 100;
  }

  /** @throws HubbubError RateLimited if too many wait already */
  async hash(password: string): Promise<string> {
    return this.inTurn(() => hash(normalized(password), PARAMETERS));
  }

  /**
   * Whether `password` is the one of `stored`. Takes as long without a stored hash, so that the time does not tell which
   * names exist.
   * @throws HubbubError RateLimited if too many wait already
   */
  async matches(stored: string | null, password: string): Promise<boolean> {
    const against = stored ?? (await this.decoyHash());
    const same = await this.inTurn(() => verify(against, normalized(password)));
    return same && stored !== null;
  }

  /** Prepares what `matches` needs for unknown names; without it the first of them would take twice as long. */
  async prepare(): Promise<void> {
    await this.decoyHash();
  }

  private decoyHash(): Promise<string> {
    this.decoy ??= hash('no password that anybody has', PARAMETERS);
    return this.decoy;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.concurrency) {
      if (this.waiting.length >= this.maxWaiting) throw new HubbubError('RateLimited', { retryAfterMs: 1000 });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in line directly, so that nobody who comes now overtakes him.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

/** The same password typed on two systems may differ in how its accents are composed. */
function normalized(password: string): string {
  return password.normalize('NFKC');
}
