import { LogTail } from './log-tail.js';
import type { LoggedMessage } from './messages.js';

export interface LogTailsOptions {
  /** Most messages kept of one room. @default 1024 */
  readonly maxMessages?: number;
  /** Most characters kept of one room. @default 1 Mi */
  readonly maxChars?: number;
  /** Most characters kept of all rooms; the rooms unused longest go first. @default 64 Mi */
  readonly maxTotalChars?: number;
  /** A room that nobody wrote to or read from for so long is forgotten, in milliseconds. @default 300000 */
  readonly idleMs?: number;
  readonly now?: () => number;
}

interface Entry {
  readonly tail: LogTail;
  usedAt: number;
}

/**
 * The newest messages of the rooms that are in use, so that many clients coming back at once do not all read the
 * database. Bounded for each room and for all. Pure.
 */
export class LogTails {
  /** Least recently used first. */
  private readonly entries = new Map<string, Entry>();
  private chars = 0;
  private changes = 0;
  private readonly maxMessages: number;
  private readonly maxChars: number;
  private readonly maxTotalChars: number;
  private readonly idleMs: number;
  private readonly now: () => number;

  constructor(options: LogTailsOptions = {}) {
    this.maxMessages = options.maxMessages ?? 1024;
    this.maxChars = options.maxChars ?? 1024 * 1024;
    this.maxTotalChars = options.maxTotalChars ?? 64 * 1024 * 1024;
    this.idleMs = options.idleMs ?? 300_000;
    this.now = options.now ?? Date.now;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Memory taken by all, in characters. */
  get totalChars(): number {
    return this.chars;
  }

  /** Grows whenever something was taken out: what was read from the database before may not be put in after. */
  get version(): number {
    return this.changes;
  }

  /** The tail of a room in this numbering. */
  get(roomId: string, epoch?: string): LogTail | undefined {
    const entry = this.entries.get(roomId);
    if (entry === undefined || (epoch !== undefined && entry.tail.epoch !== epoch)) return undefined;
    this.touch(roomId, entry);
    return entry.tail;
  }

  /** Adds the message that was just numbered. */
  add(message: LoggedMessage): void {
    this.change(message.roomId, message.epoch, (tail) => tail.add(message));
  }

  /**
   * Adds what was read from the log, oldest first and without a gap.
   * @param version `version` before the reading began
   */
  addRead(roomId: string, epoch: string, floor: number, messages: readonly LoggedMessage[], version: number): void {
    if (version !== this.changes || messages.length === 0) return;
    this.change(roomId, epoch, (tail) => {
      tail.floor = Math.max(tail.floor, floor);
      tail.extendBack(messages);
    });
  }

  redact(roomId: string, seq: number): void {
    this.remove(roomId, (tail) => tail.redact(seq));
  }

  trim(roomId: string, floor: number): void {
    this.remove(roomId, (tail) => tail.trim(floor));
  }

  forget(roomId: string): void {
    this.changes++;
    const entry = this.entries.get(roomId);
    if (entry === undefined) return;
    this.chars -= entry.tail.chars;
    this.entries.delete(roomId);
  }

  /** Forgets the rooms that are not in use any more. */
  forgetIdle(): void {
    const before = this.now() - this.idleMs;
    for (const [roomId, { usedAt }] of this.entries) {
      if (usedAt > before) return;
      this.forget(roomId);
    }
  }

  private change(roomId: string, epoch: string, work: (tail: LogTail) => void): void {
    let entry = this.entries.get(roomId);
    if (entry !== undefined && entry.tail.epoch !== epoch) {
      this.forget(roomId);
      entry = undefined;
    }
    entry ??= { tail: new LogTail(epoch, this.maxMessages, this.maxChars), usedAt: 0 };
    const before = entry.tail.chars;
    work(entry.tail);
    this.chars += entry.tail.chars - before;
    this.touch(roomId, entry);
    for (const oldest of this.entries.keys()) {
      if (this.chars <= this.maxTotalChars) return;
      this.forget(oldest);
    }
  }

  private remove(roomId: string, work: (tail: LogTail) => void): void {
    this.changes++;
    const tail = this.entries.get(roomId)?.tail;
    if (tail === undefined) return;
    this.chars -= tail.chars;
    work(tail);
    this.chars += tail.chars;
  }

  private touch(roomId: string, entry: Entry): void {
    entry.usedAt = this.now();
    this.entries.delete(roomId);
    this.entries.set(roomId, entry);
  }
}
