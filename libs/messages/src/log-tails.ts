import { LogTail } from './log-tail.js';
import type { StoredRange } from './message-store.js';
import { erased, type LoggedMessage, type LogHead } from './messages.js';

export interface LogTailsOptions {
  /** Most messages kept of one room. @default 1024 */
  readonly maxMessages?: number;
  /** Most characters kept of one room. @default 1 Mi */
  readonly maxChars?: number;
  /** Most characters kept of all rooms; the rooms unused longest go first. @default 64 Mi */
  readonly maxTotalChars?: number;
  /** A room that nobody wrote to or read from for so long is forgotten, in milliseconds. @default 300000 */
  readonly idleMs?: number;
  /**
   * Only rooms that are followed have a tail: of the others this node is not told what is redacted elsewhere.
   * @default false
   */
  readonly followedOnly?: boolean;
  readonly now?: () => number;
}

/** A reading of the log of one room that is under way. */
interface Reading {
  readonly roomId: string;
  /** Something was taken out meanwhile: what was read may not be put in. */
  stale: boolean;
  /** Numbers whose content was erased meanwhile: what was read may have it, and nobody is told of it any more. */
  readonly redacted: Set<number>;
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
  private readonly readings = new Set<Reading>();
  private readonly followed = new Set<string>();
  readonly followedOnly: boolean;
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
    this.followedOnly = options.followedOnly ?? false;
    this.now = options.now ?? Date.now;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Memory taken by all, in characters. */
  get totalChars(): number {
    return this.chars;
  }

  /** From now on this node is told of everything in the room, and what is read of it may be kept. */
  follow(roomId: string): void {
    if (!this.followedOnly) return;
    // What is being read may be older than the first thing that we are told.
    this.outdate(roomId);
    this.followed.add(roomId);
  }

  unfollow(roomId: string): void {
    if (this.followed.delete(roomId)) this.forget(roomId);
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
    const { roomId, epoch, contentJson } = message;
    this.change(roomId, epoch, (tail) => tail.add({ ...message, contentJson: unsliced(contentJson) }));
  }

  /**
   * Runs a reading of the log of a room.
   * @param keep of what is found: the part that is kept, oldest first and without a gap; null for nothing
   * @returns what was found, without what was redacted meanwhile
   */
  async reading<T extends StoredRange | null>(
    roomId: string,
    read: () => Promise<T>,
    keep: (found: T) => StoredRange | null,
  ): Promise<T> {
    const reading: Reading = { roomId, stale: false, redacted: new Set() };
    this.readings.add(reading);
    try {
      const found = withoutContent(await read(), reading.redacted);
      const kept = reading.stale ? null : keep(found);
      if (kept !== null) this.addRead(roomId, kept.head, kept.messages);
      return found;
    } finally {
      this.readings.delete(reading);
    }
  }

  private addRead(roomId: string, head: LogHead, messages: readonly LoggedMessage[]): void {
    if (messages.length === 0) return;
    this.change(roomId, head.epoch, (tail) => {
      tail.floor = Math.max(tail.floor, head.floor);
      tail.extendBack(messages);
    });
  }

  redact(roomId: string, seq: number): void {
    for (const reading of this.readings) if (reading.roomId === roomId) reading.redacted.add(seq);
    this.remove(roomId, (tail) => tail.redact(seq));
  }

  trim(roomId: string, floor: number): void {
    this.remove(roomId, (tail) => tail.trim(floor));
  }

  forget(roomId: string): void {
    this.outdate(roomId);
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

  private outdate(roomId: string): void {
    for (const reading of this.readings) if (reading.roomId === roomId) reading.stale = true;
  }

  private change(roomId: string, epoch: string, work: (tail: LogTail) => void): void {
    if (this.followedOnly && !this.followed.has(roomId)) return;
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
    this.outdate(roomId);
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

function withoutContent<T extends StoredRange | null>(found: T, redacted: ReadonlySet<number>): T {
  if (found === null || redacted.size === 0) return found;
  const messages = found.messages.map((message) => (redacted.has(message.seq) ? erased(message) : message));
  return { ...found, messages };
}

/** A copy of its own: what was cut out of a frame keeps the whole frame in memory, for as long as the tail does. */
function unsliced(text: string): string {
  return Buffer.from(text).toString();
}
