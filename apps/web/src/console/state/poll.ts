import { CommandError } from '@hubbub/client';
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';

/** Whether anybody looks. */
export interface PageVisibility {
  readonly hidden: boolean;
  /** @returns what ends it */
  listen(listener: () => void): () => void;
}

const pageVisibility: PageVisibility = {
  get hidden() {
    return document.hidden;
  },
  listen(listener) {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
};

export type Load<T> = (signal: AbortSignal, before: T | null) => Promise<T>;

export interface PollOptions<T> {
  /** Between an answer and the next question; null asks once. */
  readonly everyMs?: number | null;
  /** Shown until there is an answer. */
  readonly initial?: T | null;
  readonly page?: PageVisibility;
}

/**
 * What the gateway says, asked again and again while somebody looks: a hidden page asks nothing, and one that is seen again
 * asks at once what it missed. What failed leaves the last answer in its place.
 */
export class Poll<T> {
  readonly data: Signal<T | null>;
  readonly error: ReadonlySignal<CommandError | null>;
  readonly loading: ReadonlySignal<boolean>;
  private readonly failure = signal<CommandError | null>(null);
  private readonly asking = signal(false);
  private readonly everyMs: number | null;
  private readonly page: PageVisibility;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private current: AbortController | null = null;
  /** Unix ms; 0 asks at once. */
  private dueAt = 0;

  constructor(
    private readonly load: Load<T>,
    { everyMs = null, initial = null, page = pageVisibility }: PollOptions<T> = {},
  ) {
    this.data = signal(initial);
    this.error = this.failure;
    this.loading = this.asking;
    this.everyMs = everyMs;
    this.page = page;
  }

  /** @returns what ends it */
  start(): () => void {
    const stopListening = this.page.listen(() => this.next());
    this.next();
    return () => {
      stopListening();
      clearTimeout(this.timer);
      this.current?.abort();
    };
  }

  /** Asks now, whenever the next time was due: what somebody has just changed is seen. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    this.current?.abort();
    const mine = new AbortController();
    this.current = mine;
    this.asking.value = true;
    try {
      const data = await this.load(mine.signal, this.data.peek());
      if (!mine.signal.aborted) this.settle(data, null);
    } catch (error) {
      if (!mine.signal.aborted) this.settle(this.data.peek(), asCommandError(error));
    }
  }

  private settle(data: T | null, error: CommandError | null): void {
    batch(() => {
      this.data.value = data;
      this.failure.value = error;
      this.asking.value = false;
    });
    this.current = null;
    // What is refused for good is not asked for again by itself.
    const isLast = this.everyMs === null || error?.retryable === false;
    this.dueAt = isLast ? Infinity : Date.now() + Math.max(this.everyMs ?? 0, error?.retryAfterMs ?? 0);
    this.next();
  }

  private next(): void {
    clearTimeout(this.timer);
    if (this.page.hidden || this.current !== null || this.dueAt === Infinity) return;
    const waitMs = this.dueAt - Date.now();
    if (waitMs <= 0) void this.refresh();
    else this.timer = setTimeout(() => this.next(), waitMs);
  }
}

/** Also of what is a fault of the page itself: it is shown rather than swallowed. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError('Unknown', { code: 1000, message: error instanceof Error ? error.message : String(error) });
}
