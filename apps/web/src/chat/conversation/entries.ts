import type { CommandError } from '@hubbub/client';
import type { Message } from './message.js';
import type { Item } from './timeline.js';

/** How one's own message stands. */
export type Delivery =
  /** Kept here, and on its way. */
  | { readonly state: 'sending' }
  | { readonly state: 'stored' }
  | { readonly state: 'failed'; readonly error: CommandError };

/** A message of one's own that is not in the timeline. */
export interface Outgoing {
  readonly key: string;
  readonly content: unknown;
  readonly createdAt: number;
  readonly delivery: Delivery;
}

/** What the view shows, one below the other. `key` stays the same for as long as it is the same thing. */
export type Entry =
  | {
      readonly type: 'message';
      readonly key: string;
      readonly message: Message;
      /** By the same sender as the one right above, and soon after it. */
      readonly continued: boolean;
      /** Of one's own messages. */
      readonly delivery?: Delivery;
      /** With which one's own message is retried or discarded; not in the history. */
      readonly outgoingKey?: string;
    }
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'unread'; readonly key: string }
  | Extract<Item, { type: 'lost' }>;

type MessageEntry = Extract<Entry, { type: 'message' }>;

export interface EntriesInput {
  readonly items: readonly Item[];
  readonly outgoing: readonly Outgoing[];
  readonly me: { readonly userId: string; readonly username: string };
  /** The first message of others behind this number has the line of the unread above it; null for no line. */
  readonly readUpTo: number | null;
  /** Keys of messages that were sent from here, by their number: so that they stay the same thing once stored. */
  readonly sentKeys: ReadonlyMap<number, string>;
}

/** A pause after which the sender is named again. */
const PAUSE_MS = 5 * 60_000;
const STORED: Delivery = { state: 'stored' };

/** Makes of what is at hand what is shown; what did not change stays the same object, so that it is not drawn again. */
export class Entries {
  private known = new Map<string, Entry>();

  build(input: EntriesInput): Entry[] {
    const { items, outgoing, me, readUpTo, sentKeys } = input;
    const entries: Entry[] = [];
    let above: Message | null = null;
    let hasLine = readUpTo === null;
    const add = (entry: Omit<MessageEntry, 'type' | 'continued'>): void => {
      const { message } = entry;
      const isNewDay = above === null || dayOf(above.timestamp) !== dayOf(message.timestamp);
      if (isNewDay)
        entries.push({ type: 'day', key: `day-${dayOf(message.timestamp)}-${entry.key}`, at: message.timestamp });
      if (!hasLine && message.sender_id !== me.userId && (message.seq ?? 0) > (readUpTo ?? 0)) {
        hasLine = true;
        above = null;
        entries.push({ type: 'unread', key: 'unread' });
      }
      const continued = !isNewDay && above !== null && follows(above, message);
      entries.push({ type: 'message', ...entry, continued });
      above = message;
    };
    for (const item of items) {
      if (item.type === 'lost') {
        entries.push(item);
        above = null;
        continue;
      }
      const { message } = item;
      const key = sentKeys.get(message.seq ?? -1) ?? item.key;
      add({ key, message, ...(message.sender_id === me.userId && { delivery: STORED }) });
    }
    for (const { key, content, createdAt, delivery } of outgoing) {
      // Not before what is above it, whatever the clocks say: it is sent after it.
      const timestamp = Math.max(createdAt, above === null ? 0 : (above as Message).timestamp);
      const message = { sender_id: me.userId, sender_name: me.username, content, timestamp };
      add({ key, message, delivery, outgoingKey: key });
    }
    return this.settle(entries);
  }

  private settle(entries: readonly Entry[]): Entry[] {
    const settled = entries.map((entry) => {
      const known = this.known.get(entry.key);
      return known && isSame(known, entry) ? known : entry;
    });
    this.known = new Map(settled.map((entry) => [entry.key, entry]));
    return settled;
  }
}

function follows(above: Message, message: Message): boolean {
  return above.sender_id === message.sender_id && message.timestamp - above.timestamp < PAUSE_MS;
}

/** The day where the page is; the same for all times of that day. */
function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.type === 'message' && other.type === 'message' && one.outgoingKey && other.outgoingKey) {
    const { message, ...rest } = one;
    const { message: otherMessage, ...others } = other;
    return shallowEqual(rest, others) && shallowEqual(message, otherMessage);
  }
  return shallowEqual(one, other);
}

function shallowEqual(one: object, other: object): boolean {
  const entries = Object.entries(one);
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => (other as Record<string, unknown>)[name] === value)
  );
}
