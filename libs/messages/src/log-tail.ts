import { erased, type LoggedMessage } from './messages.js';

/** What a message costs beside its content, roughly. */
const OVERHEAD_CHARS = 200;

/** The newest messages of one room, without a gap between them. Pure. */
export class LogTail {
  private messages: LoggedMessage[] = [];
  private used = 0;
  /** What was asked for last: after a node was lost, thousands come back who have missed the same. */
  private latest: {
    readonly after: number;
    readonly upTo: number;
    readonly messages: readonly LoggedMessage[];
  } | null = null;
  /** Highest number that the log no longer keeps, as far as is known here. */
  floor = 0;

  constructor(
    readonly epoch: string,
    private readonly maxMessages: number,
    private readonly maxChars: number,
  ) {}

  /** Number of the newest; 0 when empty. */
  get last(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get size(): number {
    return this.messages.length;
  }

  /** Memory it takes, in characters. */
  get chars(): number {
    return this.used;
  }

  /** Adds the next message. One known already changes nothing; one that leaves a gap begins the tail anew. */
  add(message: LoggedMessage): void {
    const { last } = this;
    if (message.seq <= last) return;
    if (last > 0 && message.seq !== last + 1) this.clear();
    this.messages.push(message);
    this.used += charsOf(message);
    this.evict();
  }

  /** Adds older messages, oldest first and without a gap, that reach up to the tail or beyond; others change nothing. */
  extendBack(older: readonly LoggedMessage[]): void {
    const first = this.messages[0]?.seq;
    const newest = older.at(-1)?.seq;
    if (newest === undefined) return;
    if (first === undefined) {
      for (const message of older) this.add(message);
      return;
    }
    if (newest < first - 1) return;
    const all = [...older.filter(({ seq }) => seq < first), ...this.messages];
    const { last } = this;
    all.push(...older.filter(({ seq }) => seq > last));
    this.clear();
    for (const message of all) this.add(message);
  }

  /**
   * All of `after < seq <= upTo`, oldest first; null if any of them is not here. The same list for all who ask for the same
   * in turn, so that it need be encoded only once.
   */
  slice(after: number, upTo: number): readonly LoggedMessage[] | null {
    const first = this.messages[0]?.seq;
    if (first === undefined || after + 1 < first || upTo > this.last) return null;
    if (this.latest?.after !== after || this.latest.upTo !== upTo) {
      this.latest = { after, upTo, messages: this.messages.slice(after + 1 - first, upTo + 1 - first) };
    }
    return this.latest.messages;
  }

  redact(seq: number): void {
    const first = this.messages[0]?.seq;
    const message = first === undefined ? undefined : this.messages[seq - first];
    if (first === undefined || message === undefined) return;
    const redacted = erased(message);
    this.used += charsOf(redacted) - charsOf(message);
    this.messages[seq - first] = redacted;
    this.latest = null;
  }

  /** Forgets what is no longer kept: everything up to `floor`. */
  trim(floor: number): void {
    while (this.messages.length > 0 && (this.messages[0] as LoggedMessage).seq <= floor) this.dropFirst();
    this.floor = Math.max(this.floor, floor);
  }

  private evict(): void {
    while (this.messages.length > this.maxMessages || this.used > this.maxChars) this.dropFirst();
  }

  private dropFirst(): void {
    this.latest = null;
    this.used -= charsOf(this.messages.shift() as LoggedMessage);
  }

  private clear(): void {
    this.messages = [];
    this.latest = null;
    this.used = 0;
  }
}

function charsOf(message: LoggedMessage): number {
  return message.contentJson.length + OVERHEAD_CHARS;
}
