import type { CommandError } from '@hubbub/client';
import type { ReplyData, Room } from '@hubbub/protocol';
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { RoomBook } from './room-book.js';
import { roomIdFor } from './room-id.js';

export type ListRooms = (query: {
  cursor?: string;
  prefix?: string;
  limit: number;
}) => Promise<ReplyData<'list_rooms'>>;

const PAGE = 100;
/** Most rooms that a search looks at by their beginning. */
const FOUND = 50;

/**
 * Rooms that this person may see, by pages in the order of their addresses, as there may be thousands; and a search: of what
 * was read already by any part of name or address, of all others by the beginning of the address.
 */
export class RoomDirectory {
  private readonly ids = signal<readonly string[]>([]);
  private readonly found = signal<readonly string[]>([]);
  private readonly cursor = signal<string | undefined>(undefined);
  private readonly isRead = signal(false);
  private readonly loading = signal(false);
  private readonly failure = signal<CommandError | null>(null);
  private readonly wanted = signal('');
  /** Tells the answers to the current question from late ones. */
  private asked = 0;

  /** What to show: with a search, what it finds. */
  readonly shown: ReadonlySignal<readonly Room[]> = computed(() => {
    const rooms = this.book.rooms.value;
    const query = this.wanted.value.trim().toLowerCase();
    if (query === '') return this.ids.value.flatMap((id) => rooms.get(id) ?? []);
    const found = new Set(this.found.value);
    return [...rooms.values()]
      .filter((room) => found.has(room.id) || matches(room, query))
      .sort((a, b) => a.name.localeCompare(b.name))
      .slice(0, 2 * PAGE);
  });

  constructor(
    private readonly book: RoomBook,
    private readonly list: ListRooms,
  ) {}

  get query(): ReadonlySignal<string> {
    return this.wanted;
  }

  /** True until the first page is there. */
  get isEmptyYet(): boolean {
    return !this.isRead.value;
  }

  get isLoading(): ReadonlySignal<boolean> {
    return this.loading;
  }

  get error(): ReadonlySignal<CommandError | null> {
    return this.failure;
  }

  get hasMore(): boolean {
    return this.wanted.value.trim() === '' && (this.cursor.value !== undefined || !this.isRead.value);
  }

  /** Reads the next page, if there is one and none is under way. */
  async more(): Promise<void> {
    if (this.loading.value || (this.isRead.value && this.cursor.value === undefined)) return;
    const cursor = this.cursor.value;
    await this.ask({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, ({ rooms, next_cursor }) => {
      this.ids.value = [...new Set([...this.ids.value, ...rooms.map(({ id }) => id)])];
      this.cursor.value = next_cursor;
      this.isRead.value = true;
    });
  }

  /** Reads the beginning anew: rooms came and went since. What was read beyond it stays. */
  async refresh(): Promise<void> {
    if (this.loading.value) return;
    await this.ask({ limit: PAGE }, ({ rooms, next_cursor }) => {
      const fresh = rooms.map(({ id }) => id);
      const last = fresh.at(-1);
      const beyond = next_cursor === undefined || last === undefined ? [] : this.ids.value.filter((id) => id > last);
      for (const id of this.ids.value) if (!fresh.includes(id) && !beyond.includes(id)) this.book.forget(id);
      this.ids.value = [...fresh, ...beyond];
      if (beyond.length === 0) this.cursor.value = next_cursor;
      this.isRead.value = true;
    });
  }

  /** Shows what matches `query` from now on; all rooms again with an empty one. */
  async search(query: string): Promise<void> {
    this.wanted.value = query;
    const asked = ++this.asked;
    const text = query.trim();
    if (text === '') return;
    const prefixes = [...new Set([text, roomIdFor(text)])].filter((prefix) => /^[\w:.-]{1,128}$/.test(prefix));
    for (const prefix of prefixes) {
      const reply = await this.list({ prefix, limit: FOUND }).catch(() => null);
      if (asked !== this.asked) return;
      if (reply === null) continue;
      this.book.learn(reply.rooms);
      this.found.value = [...new Set([...this.found.value, ...reply.rooms.map(({ id }) => id)])].filter((id) =>
        prefixes.some((one) => id.startsWith(one)),
      );
    }
  }

  private async ask(
    query: { cursor?: string; limit: number },
    take: (reply: ReplyData<'list_rooms'>) => void,
  ): Promise<void> {
    this.loading.value = true;
    try {
      const reply = await this.list(query);
      this.book.learn(reply.rooms);
      take(reply);
      this.failure.value = null;
    } catch (error) {
      this.failure.value = error as CommandError;
    } finally {
      this.loading.value = false;
    }
  }
}

function matches({ id, name }: Room, query: string): boolean {
  return name.toLowerCase().includes(query) || id.toLowerCase().includes(query);
}
