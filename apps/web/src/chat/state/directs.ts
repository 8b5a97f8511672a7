import type { DirectMessage, ReplyData } from '@hubbub/protocol';
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { DirectEntry } from './entries.js';

export interface DirectsPort {
  readonly userId: string;
  /** A page of the inbox, oldest first, below `before`. */
  inbox(query: { before?: number; limit: number }): Promise<ReplyData<'inbox'>>;
  /** Unread messages from a person. */
  countUnread(userId: string): Promise<number>;
  /** Of a conversation that is open, which knows better; undefined for others. */
  unreadOf(userId: string): number | undefined;
}

const PAGE = 200;
/** Pages that are looked through for people at the start; who wrote before that comes back with his next message. */
const PAGES = 5;
/** People whose unread messages are asked for at the start. */
const COUNTED = 50;

/** The people one has exchanged direct messages with, the latest first. */
export class Directs {
  private readonly known = signal<ReadonlyMap<string, DirectEntry>>(new Map());
  private readonly started = signal<readonly string[]>([]);

  readonly entries: ReadonlySignal<readonly DirectEntry[]> = computed(() =>
    [...this.known.value.values()]
      .filter(({ userId, last }) => last !== null || this.started.value.includes(userId))
      .map((entry) => ({ ...entry, unread: this.port.unreadOf(entry.userId) ?? entry.unread }))
      .sort((a, b) => (b.last?.seq ?? Number.MAX_SAFE_INTEGER) - (a.last?.seq ?? Number.MAX_SAFE_INTEGER)),
  );

  constructor(private readonly port: DirectsPort) {}

  /** Looks through the latest of the inbox. @throws CommandError */
  async load(): Promise<void> {
    let before: number | undefined;
    for (let page = 0; page < PAGES; page++) {
      const reply = await this.port.inbox({ limit: PAGE, ...(before === undefined ? {} : { before }) });
      for (const message of reply.messages) this.take(message);
      before = reply.messages[0]?.seq;
      if (!reply.has_more || before === undefined) break;
    }
    for (const { userId } of this.entries.value.slice(0, COUNTED)) {
      if (this.port.unreadOf(userId) === undefined) this.setUnread(userId, await this.port.countUnread(userId));
    }
  }

  /** A message that came, or was sent, just now. */
  receive(message: DirectMessage): void {
    this.take(message);
    const peer = this.known.value.get(peerOf(message, this.port.userId));
    if (peer && message.sender_id === peer.userId && message.sender_id !== this.port.userId) {
      this.set({ ...peer, unread: peer.unread + 1 });
    }
  }

  /** Somebody to whom the first message is about to be written. */
  start(userId: string, username = userId): void {
    if (!this.known.value.has(userId)) this.set({ userId, username, unread: 0, last: null });
    if (!this.started.value.includes(userId)) this.started.value = [...this.started.value, userId];
  }

  setUnread(userId: string, unread: number): void {
    const entry = this.known.value.get(userId);
    if (entry) this.set({ ...entry, unread });
  }

  nameOf(userId: string): string | undefined {
    return this.known.value.get(userId)?.username;
  }

  private take(message: DirectMessage): void {
    const userId = peerOf(message, this.port.userId);
    const before = this.known.value.get(userId);
    if (before?.last && before.last.seq >= message.seq) return;
    const username = message.sender_id === userId ? message.sender_name : (before?.username ?? userId);
    this.set({ userId, username, unread: before?.unread ?? 0, last: message });
  }

  private set(entry: DirectEntry): void {
    this.known.value = new Map([...this.known.value, [entry.userId, entry]]);
  }
}

/** With whom a message was exchanged: the other one, or oneself. */
export function peerOf({ sender_id, target_id }: DirectMessage, me: string): string {
  return sender_id === me ? target_id : sender_id;
}
