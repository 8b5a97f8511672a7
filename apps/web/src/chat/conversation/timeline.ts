import type { Loss } from '@hubbub/client';
import type { Message, Page } from './message.js';

/** One of what stands in a conversation, one below the other. `place` is its `seq`; without one it is between two. */
export type Item =
  | { readonly type: 'message'; readonly key: string; readonly place: number; readonly message: Message }
  /** Messages that were missed: `from` to `to` where they are known, and can be looked for in the history. */
  | {
      readonly type: 'lost';
      readonly key: string;
      readonly place: number;
      readonly missed: number;
      readonly from?: number;
      readonly to?: number;
    };

/** Items that are held, unless told otherwise: some screens of them, and few enough to stay fast on a phone. */
const LIMIT = 400;

/**
 * The part of a conversation that is at hand: a window on its log, moved up and down by pages of the history. It is kept
 * to `limit` items, so that a page costs the same after 20,000 messages as after 200: what falls out at one end is read
 * again when the window comes back. Pure; items that did not change stay the same objects.
 */
export class Timeline {
  private list: Item[] = [];
  private older = false;
  private newer = false;
  /** The last `seq` that was heard of, in the window or not. */
  private head = 0;
  private lastKey = 0;

  /** @param limit items to hold; by half as much more it is passed while somebody reads what has to stay */
  constructor(private readonly limit = LIMIT) {}

  get items(): readonly Item[] {
    return this.list;
  }

  /** Whether there are messages above the window. */
  get hasOlder(): boolean {
    return this.older;
  }

  /** Whether there are messages below the window; then what comes live is not taken in. */
  get hasNewer(): boolean {
    return this.newer;
  }

  /** The last number of the conversation, in the window or not; 0 before the first message. */
  get lastSeq(): number {
    return this.head;
  }

  /** The first number in the window; undefined without one. */
  get firstHeld(): number | undefined {
    return this.list.find(isNumbered)?.message.seq;
  }

  /** The last number in the window; undefined without one. */
  get lastHeld(): number | undefined {
    return this.list.findLast(isNumbered)?.message.seq;
  }

  /** Whether the message of that number is shown, or was lost or trimmed: nobody needs to wait for it any more. */
  isPast(seq: number): boolean {
    return this.head >= seq;
  }

  /** Forgets all: the log is another one. @param hasOlder whether there is more of it than what follows */
  clear(hasOlder = false): void {
    this.list = [];
    this.older = hasOlder;
    this.newer = false;
    this.head = 0;
  }

  /**
   * Takes what came live: it follows all before.
   * @param follows whether the end is on the screen: then the window moves on, else it stays where it is
   * @returns whether it is in the window
   */
  append(message: Message, follows: boolean): boolean {
    if (message.seq !== undefined) this.head = Math.max(this.head, message.seq);
    if (this.newer) return false;
    if (!follows && message.seq !== undefined && this.list.length >= this.limit * 1.5) {
      this.newer = true;
      return false;
    }
    this.merge(message);
    if (follows || message.seq === undefined) this.trimOlder();
    return true;
  }

  /** Takes the latest page of the history, in place of what is held unless that reaches it. */
  latest({ messages, has_more }: Page): void {
    const first = messages[0]?.seq ?? 0;
    const joins = !this.newer && this.list.length > 0 && (this.lastHeld ?? 0) >= first - 1;
    if (!joins) this.list = [];
    this.newer = false;
    for (const message of messages) this.merge(message);
    if (!joins) this.older = has_more;
    this.seen(messages);
  }

  /** Takes the page before `firstHeld`. */
  prepend({ messages, has_more }: Page): void {
    for (const message of messages) this.merge(message);
    this.older = has_more;
    this.seen(messages);
    if (this.list.length <= this.limit || !this.list.some(isNumbered)) return;
    // What is at most half a window away may be on the screen.
    this.list.length = this.limit;
    this.newer = true;
  }

  /** Takes the page after `lastHeld`. */
  extend({ messages, has_more }: Page): void {
    for (const message of messages) this.merge(message);
    this.seen(messages);
    this.newer = has_more || (messages.length > 0 && (this.lastHeld ?? 0) < this.head);
    this.trimOlder();
  }

  /** What is in the history now, of messages that are held: some may have been redacted. */
  refresh(messages: readonly Message[]): void {
    const held = new Set(this.list.map((item) => (item.type === 'message' ? item.message.seq : undefined)));
    for (const message of messages) if (message.seq !== undefined && held.has(message.seq)) this.merge(message);
  }

  redact(seq: number): void {
    this.replace(seq, (message) => ({ ...message, content: null, redacted: true }));
  }

  /** Marks where messages are missing: before what comes next. */
  lose({ missed, from, to }: Loss): void {
    const place = from ?? this.head + 0.5;
    if (to !== undefined) this.head = Math.max(this.head, to);
    if (this.newer) return;
    const range = from !== undefined && to !== undefined ? { from, to } : {};
    this.list.push({ type: 'lost', key: this.newKey('lost'), place, missed, ...range });
  }

  /** Takes what the history had of what was lost. Where it had nothing, nobody can look again. */
  recover(key: string, messages: readonly Message[]): void {
    const index = this.list.findIndex((item) => item.key === key);
    const lost = this.list[index];
    if (lost?.type !== 'lost' || lost.from === undefined || lost.to === undefined) return;
    const { from, to } = lost;
    const found = messages.filter(({ seq = 0 }) => seq >= from && seq <= to);
    const next = (found.at(-1)?.seq ?? to) + 1;
    const isGone = found.length === 0;
    if (isGone) this.list[index] = { type: 'lost', key, place: from, missed: lost.missed };
    else if (next > to) this.list.splice(index, 1);
    else this.list[index] = { type: 'lost', key, place: next, missed: to - next + 1, from: next, to };
    for (const message of found) this.merge(message);
  }

  /** Puts a message at its place, once. */
  private merge(message: Message): void {
    const { seq } = message;
    if (seq === undefined) {
      this.list.push({ type: 'message', key: this.newKey('now'), place: this.head + 0.5, message });
      return;
    }
    let index = this.list.length;
    while (index > 0 && (this.list[index - 1] as Item).place > seq) index--;
    const before = this.list[index - 1];
    if (before?.type === 'message' && before.message.seq === seq) {
      if (message.redacted && !before.message.redacted) this.redact(seq);
      return;
    }
    this.list.splice(index, 0, { type: 'message', key: `seq-${seq}`, place: seq, message });
  }

  private replace(seq: number, change: (message: Message) => Message): void {
    const index = this.list.findIndex((item) => item.type === 'message' && item.message.seq === seq);
    const item = this.list[index];
    if (item?.type === 'message') this.list[index] = { ...item, message: change(item.message) };
  }

  private seen(messages: readonly Message[]): void {
    this.head = Math.max(this.head, messages.at(-1)?.seq ?? 0);
  }

  private trimOlder(): void {
    const surplus = this.list.length - this.limit;
    if (surplus <= 0) return;
    // Those without a number are in no history.
    if (this.list.splice(0, surplus).some(isNumbered)) this.older = true;
  }

  private newKey(kind: string): string {
    return `${kind}-${++this.lastKey}`;
  }
}

function isNumbered(item: Item): item is Extract<Item, { type: 'message' }> {
  return item.type === 'message' && item.message.seq !== undefined;
}
