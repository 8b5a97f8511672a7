import { HubbubError } from '@hubbub/protocol';
import { Deferred } from '@hubbub/transport';

export interface AppendBatcherOptions {
  /** Most entries of one commit: the event loop stands still while they are handed over, and while they are settled. @default 256 */
  readonly maxBatch?: number;
  /** Most characters of content of one commit; one larger entry goes alone. @default 512 Ki */
  readonly maxBatchChars?: number;
  /** Most entries that wait for their commit; further ones get ServerError. @default 50000 */
  readonly maxWaiting?: number;
  /** Most characters of content that wait. @default 64 Mi */
  readonly maxWaitingChars?: number;
  /** Runs a function when the commands that have arrived by now have been read. @default after one more look at the sockets */
  readonly schedule?: (run: () => void) => void;
  /** Told after each commit, before its entries are settled. */
  readonly onCommit?: (entries: number, durationMs: number) => void;
  /** Told what a listener of a settled entry threw; the entries after it are settled all the same. */
  readonly onListenerError?: (error: unknown) => void;
  /** @default performance.now */
  readonly now?: () => number;
}

/** Stores a batch as one: an outcome for each entry, in order, or a throw when nothing was stored. */
export type CommitBatch<E, R> = (batch: readonly E[]) => Promise<readonly (R | HubbubError)[]>;

interface Waiting<E, R> {
  readonly entry: E;
  readonly answer: Deferred<R>;
}

/**
 * The answer to a commit is read with other sockets, and an immediate of that turn runs before they are read again: by the
 * second one, what people sent while the answers went out is there and joins the batch.
 */
const afterReading = (run: () => void): void => void setImmediate(() => setImmediate(run));

/**
 * Group commit: gathers what arrives in one turn of the event loop, and while a commit runs, into the next commit. One
 * commit at a time, entries in the order they came. One turn hands over a batch and settles a batch at most.
 *
 * Answers are settled synchronously, in that order, after their commit, so that whoever fans them out needs no sorting.
 * A commit that fails gives all its entries ServerError; an entry that is refused alone fails alone.
 */
export class AppendBatcher<E extends { readonly contentJson: string }, R> {
  private waiting: Waiting<E, R>[] = [];
  private waitingChars = 0;
  private scheduled = false;
  private committing = false;
  private readonly idleListeners: (() => void)[] = [];
  private readonly maxBatch: number;
  private readonly maxBatchChars: number;
  private readonly maxWaiting: number;
  private readonly maxWaitingChars: number;
  private readonly schedule: (run: () => void) => void;
  private readonly now: () => number;

  constructor(
    private readonly commit: CommitBatch<E, R>,
    private readonly options: AppendBatcherOptions = {},
  ) {
    this.maxBatch = options.maxBatch ?? 256;
    this.maxBatchChars = options.maxBatchChars ?? 512 * 1024;
    this.maxWaiting = options.maxWaiting ?? 50_000;
    this.maxWaitingChars = options.maxWaitingChars ?? 64 * 1024 * 1024;
    this.schedule = options.schedule ?? afterReading;
    this.now = options.now ?? performance.now.bind(performance);
  }

  /** Entries that are not committed yet and not in the running commit. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Joins the commit that is being gathered. Rejected at once with ServerError when too much is waiting. */
  add(entry: E): Deferred<R> {
    if (this.waiting.length >= this.maxWaiting || this.waitingChars > this.maxWaitingChars) {
      return Deferred.rejected(new HubbubError('ServerError', { retryAfterMs: 1000 }));
    }
    const answer = new Deferred<R>();
    this.waiting.push({ entry, answer });
    this.waitingChars += entry.contentJson.length;
    this.wake();
    return answer;
  }

  /** Resolves when everything that was added has been settled. */
  idle(): Promise<void> {
    if (this.waiting.length === 0 && !this.committing) return Promise.resolve();
    return new Promise((resolve) => this.idleListeners.push(resolve));
  }

  private wake(): void {
    if (this.scheduled || this.committing) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      void this.commitNext();
    });
  }

  /** Never rejects. */
  private async commitNext(): Promise<void> {
    this.committing = true;
    const batch = this.take();
    const startedAt = this.now();
    let outcomes: readonly (R | HubbubError)[] | null = null;
    let failure: unknown;
    try {
      outcomes = await this.commit(batch.map(({ entry }) => entry));
      this.options.onCommit?.(batch.length, this.now() - startedAt);
    } catch (error) {
      failure = error instanceof HubbubError ? error : new HubbubError('ServerError', { cause: error });
    }
    for (let at = 0; at < batch.length; at++) this.settle(batch[at] as Waiting<E, R>, outcomes?.[at] ?? failure);
    this.committing = false;
    if (this.waiting.length > 0) this.wake();
    else for (const listener of this.idleListeners.splice(0)) listener();
  }

  private take(): Waiting<E, R>[] {
    let count = 0;
    let chars = 0;
    for (; count < this.waiting.length && count < this.maxBatch; count++) {
      const next = (this.waiting[count] as Waiting<E, R>).entry.contentJson.length;
      if (count > 0 && chars + next > this.maxBatchChars) break;
      chars += next;
    }
    this.waitingChars -= chars;
    if (count === this.waiting.length) {
      const all = this.waiting;
      this.waiting = [];
      return all;
    }
    return this.waiting.splice(0, count);
  }

  private settle({ answer }: Waiting<E, R>, outcome: unknown): void {
    try {
      if (outcome instanceof HubbubError) answer.reject(outcome);
      else answer.resolve(outcome as R);
    } catch (error) {
      this.options.onListenerError?.(error);
    }
  }
}
