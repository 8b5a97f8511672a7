import type { Clock } from './clock.js';
import type { CommandError } from './command-error.js';
import { type Hole, Sequence } from './sequence.js';

/** A place in a log: everything up to `seq` of that numbering was received. Survives a restart of the application. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** Messages that do not follow. */
export interface Loss {
  /** How many; 0 where nobody can tell: the log was made anew, or is not kept. */
  readonly missed: number;
  /** The first and the last of them, where that is known. */
  readonly from?: number;
  readonly to?: number;
}

/** Where an ordered log gets what is missing, and where it puts what is due. */
export interface LogSource<T> {
  /** Reads what follows `after`, oldest first. */
  read(after: number): Promise<{ epoch: string; messages: readonly T[] }>;
  deliver(message: T): void;
  /** What comes after the loss follows. */
  lost(loss: Loss): void;
  /** The log is another one than that of the position. */
  renumbered(): void;
}

/** How long to wait before a read that failed is tried again, in ms, unless the server says. */
const RETRY_MS = 1000;

/** One log as its reader sees it: every message once, in order, whatever the connection doubles, drops or reorders. */
export class OrderedLog<T extends { readonly seq?: number | undefined }> {
  private sequence: Sequence<T> | null = null;
  private epoch = '';
  private live = false;
  private repairing: Promise<void> | null = null;
  private endPause: () => void = () => {};

  constructor(
    private readonly source: LogSource<T>,
    private readonly clock: Clock,
  ) {}

  /** Null before `start`. */
  get position(): Position | null {
    return this.sequence === null ? null : { epoch: this.epoch, seq: this.sequence.position };
  }

  /** Begins, or begins again, after `position`. */
  start(position: Position): void {
    this.epoch = position.epoch;
    this.sequence = new Sequence(position.seq);
  }

  /** Takes a message, or several: new or known, in order or not. Those that are due are delivered at once. */
  offer(messages: readonly T[]): void {
    const sequence = this.sequence;
    if (sequence === null) return;
    for (const message of messages) {
      if (message.seq === undefined) this.source.deliver(message);
      else this.deliver(sequence, sequence.offer(message.seq, message));
    }
    if (sequence.isBehind) void this.repair();
  }

  /** Says that messages up to `seq` exist. */
  expect(seq: number): void {
    this.sequence?.expect(seq);
    if (this.sequence?.isBehind) void this.repair();
  }

  /** Gives up on what is missing up to `seq`. */
  skipTo(seq: number): void {
    const { sequence } = this;
    if (sequence && seq > sequence.position) this.skip(sequence, { from: sequence.position + 1, to: seq });
  }

  /** Reading is possible from now on: what is missing is read. Resolves once nothing is, or `suspend` was called. */
  async resume(): Promise<void> {
    this.live = true;
    await this.repair();
  }

  /** Reading is not possible; what comes is still put in order. */
  suspend(): void {
    this.live = false;
    this.endPause();
  }

  /** Forgets the position: what comes is dropped until the next `start`. */
  stop(): void {
    this.suspend();
    this.sequence = null;
  }

  private async repair(): Promise<void> {
    if (!this.live || !this.sequence?.isBehind) return;
    this.repairing ??= this.readAll();
    await this.repairing;
  }

  private async readAll(): Promise<void> {
    try {
      while (this.live && this.sequence?.isBehind) await this.read(this.sequence);
    } finally {
      this.repairing = null;
    }
  }

  private async read(sequence: Sequence<T>): Promise<void> {
    try {
      const before = sequence.position;
      const { epoch, messages } = await this.source.read(before);
      if (sequence !== this.sequence) return;
      if (epoch !== this.epoch) {
        this.live = false;
        this.source.renumbered();
        return;
      }
      for (const message of messages) {
        if (message.seq !== undefined) this.deliver(sequence, sequence.offer(message.seq, message));
      }
      if (sequence.position === before) this.giveUp(sequence);
    } catch (error) {
      if (!this.live || sequence !== this.sequence) return;
      const { retryable, retryAfterMs } = error as CommandError;
      if (retryable) await this.pause(retryAfterMs ?? RETRY_MS);
      else this.giveUp(sequence);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimeout(resolve, ms);
      this.endPause = () => {
        this.clock.clearTimeout(timer);
        resolve();
      };
    });
  }

  private giveUp(sequence: Sequence<T>): void {
    if (sequence.hole !== null) this.skip(sequence, sequence.hole);
  }

  private skip(sequence: Sequence<T>, { from, to }: Hole): void {
    this.source.lost({ missed: to - from + 1, from, to });
    this.deliver(sequence, sequence.skip(to));
  }

  private deliver(sequence: Sequence<T>, messages: readonly T[]): void {
    for (const message of messages) {
      // The listener of one message may end the log.
      if (sequence !== this.sequence) return;
      this.source.deliver(message);
    }
  }
}
