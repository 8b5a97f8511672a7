import type { Clock } from './clock.js';
import { CommandError } from './command-error.js';
import { idOf, type KeptMessage, type OutboxStore } from './outbox-store.js';

/** How long a store may take for anything, in ms: one that hangs must not hold messages back. */
const PATIENCE_MS = 5000;

interface Change {
  readonly message: KeptMessage;
  readonly isKept: boolean;
}

/**
 * What is written to a store: in order, with everything that comes while it writes as the next batch. A store that fails is
 * told of once, and from then on messages are as good as kept; they are still dropped from it, lest they come again.
 */
export class OutboxJournal {
  private readonly changes = new Map<string, Change>();
  private callers: (() => void)[] = [];
  private isWriting = false;
  /** What was given so far is written. */
  written: Promise<void> = Promise.resolve();
  private hasFailed = false;
  /** Whether the store is to be let go of after every batch. */
  private isClosed = false;

  constructor(
    private readonly store: OutboxStore | undefined,
    private readonly clock: Clock,
    private readonly failed: (error: CommandError) => void,
  ) {}

  /** Whether messages outlive this run. */
  get isDurable(): boolean {
    return this.store !== undefined && !this.hasFailed;
  }

  /** What earlier runs have left; nothing where that cannot be had. */
  async take(userId: string, more: () => void): Promise<readonly KeptMessage[]> {
    if (!this.store) return [];
    this.isClosed = false;
    try {
      return await this.inTime(this.store.take(userId, more));
    } catch (error) {
      this.fail(error);
      return [];
    }
  }

  /** Calls `then` once the messages are kept: at once where nothing keeps them. Calls come in the order of these. */
  keep(messages: readonly KeptMessage[], then: () => void): void {
    if (!this.isDurable && !this.isWriting) {
      then();
      return;
    }
    for (const message of messages) this.changes.set(idOf(message), { message, isKept: true });
    this.callers.push(then);
    this.flush();
  }

  drop(message: KeptMessage): void {
    if (!this.store) return;
    this.changes.set(idOf(message), { message, isKept: false });
    this.flush();
  }

  /** Writes what is left, and lets the store go, until the next `take`. */
  close(): Promise<void> {
    this.isClosed = true;
    this.written = this.written.then(() => this.store?.close()).catch(() => {});
    return this.written;
  }

  private flush(): void {
    if (this.isWriting) return;
    this.isWriting = true;
    this.written = this.writeAll();
    if (this.isClosed) void this.close();
  }

  private async writeAll(): Promise<void> {
    // What is given in one turn goes together.
    await Promise.resolve();
    while (this.changes.size > 0 || this.callers.length > 0) {
      const batch = [...this.changes.values()];
      const callers = this.callers.splice(0);
      this.changes.clear();
      await this.write(batch);
      for (const then of callers) then();
    }
    this.isWriting = false;
  }

  private async write(batch: readonly Change[]): Promise<void> {
    const { store } = this;
    if (!store) return;
    const put = this.hasFailed ? [] : batch.filter(({ isKept }) => isKept).map(({ message }) => message);
    const remove = batch.filter(({ isKept }) => !isKept).map(({ message }) => message);
    if (put.length + remove.length === 0) return;
    try {
      await this.inTime(store.write(put, remove));
    } catch (error) {
      this.fail(error);
      if (put.length > 0 && remove.length > 0) await this.inTime(store.write([], remove)).catch(() => {});
    }
  }

  private fail(cause: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    const message = `Messages that wait are kept for this run alone: the outbox failed (${String(cause)}).`;
    this.failed(new CommandError('NotKept', { message, cause }));
  }

  private inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no answer in ${PATIENCE_MS} ms`));
      const timer = this.clock.setTimeout(late, PATIENCE_MS);
      work.then(resolve, reject).finally(() => this.clock.clearTimeout(timer));
    });
  }
}
