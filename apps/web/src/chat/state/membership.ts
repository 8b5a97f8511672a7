import { CommandError, type HubbubClient, type LeaveReason } from '@hubbub/client';
import type { CommandData, ReplyData, Room } from '@hubbub/protocol';
import type { ReadonlySignal } from '@preact/signals';
import type { OpenConversation } from './entries.js';
import { knownRooms } from './known-rooms.js';
import type { News } from './news.js';
import type { OpenConversations } from './open-conversations.js';
import type { RoomBook } from './room-book.js';
import { StoredSet } from './stored-set.js';
import type { Target } from './target.js';

export interface MembershipOptions {
  readonly client: HubbubClient;
  readonly userId: string;
  readonly book: RoomBook;
  readonly conversations: OpenConversations<OpenConversation>;
  /** On the screen, and so entered first. */
  readonly selected: ReadonlySignal<Target | null>;
  readonly look: (roomId: string) => Promise<Room>;
  readonly tell: (news: News) => void;
  /** A room has been entered. */
  readonly joined: (roomId: string) => void;
  /** A room is gone. */
  readonly gone: () => void;
}

/** Rooms that are entered again at once after a load; of the others each waits for one before it, to keep within the gateway's rate. */
const AT_ONCE = 4;

/** Which rooms a person has entered: in all tabs of this browser, now and whenever the page is opened. */
export class Membership {
  /** Ids of the rooms entered in this browser, which its tabs share. */
  private readonly entered: StoredSet;
  /** Ids of rooms that this person was invited to: among thousands he would not come upon them. */
  private readonly invited: StoredSet;
  /** Rooms whose leaving is told of already. */
  private readonly followed = new Set<string>();
  private readonly leaving = new Set<string>();
  /** Why somebody was taken out, told just before the room itself says that he is. */
  private readonly reasons = new Map<string, string>();
  private readonly stop: (() => void)[] = [];

  constructor(private readonly options: MembershipOptions) {
    this.entered = new StoredSet(`rooms:${options.userId}`);
    this.invited = new StoredSet(`invited:${options.userId}`);
    this.stop.push(this.entered.onOther(() => this.followOtherTabs()));
  }

  get roomIds(): ReadonlySignal<readonly string[]> {
    return this.entered.list;
  }

  has(roomId: string): boolean {
    return this.entered.has(roomId);
  }

  /** Enters again what was entered, and looks at what this person was invited to. */
  start(): void {
    void this.enterAgain();
    for (const id of this.invited.list.peek()) {
      void this.options.look(id).catch((error: unknown) => {
        if (error instanceof CommandError && !error.retryable) this.invited.remove(id);
      });
    }
  }

  dispose(): void {
    for (const stop of this.stop) stop();
    this.entered.dispose();
    this.invited.dispose();
  }

  /** Enters a room, now and whenever the page is opened. @throws CommandError */
  async enter(roomId: string): Promise<void> {
    if (this.entered.has(roomId)) return;
    const conversation = this.options.conversations.obtain(room(roomId));
    try {
      await conversation.open();
      if (conversation.error.value !== null) throw conversation.error.value;
      this.entered.add(roomId);
      this.invited.remove(roomId);
    } catch (error) {
      this.options.conversations.drop(room(roomId));
      throw error;
    }
  }

  /** Leaves a room; it is not entered again by itself. @throws CommandError */
  async leave(roomId: string): Promise<void> {
    this.leaving.add(roomId);
    this.entered.remove(roomId);
    try {
      await this.options.client.room(roomId).leave();
    } finally {
      this.leaving.delete(roomId);
      this.options.conversations.drop(room(roomId));
    }
  }

  /** Deletes a room with its messages, for everybody. @throws CommandError */
  async remove(roomId: string): Promise<void> {
    this.leaving.add(roomId);
    try {
      await this.options.client.command('delete_room', { room_id: roomId });
      this.forget(roomId);
    } finally {
      this.leaving.delete(roomId);
    }
  }

  /** Another device has entered rooms, this browser none yet. @throws CommandError */
  async takeUp(): Promise<void> {
    if (this.entered.isKept) return;
    const { client, book } = this.options;
    const ids = await knownRooms(async (query) => {
      const reply: ReplyData<'list_rooms'> = await client.command('list_rooms', query);
      book.learn(reply.rooms);
      return reply;
    });
    this.entered.addAll(ids);
    await this.enterAgain();
  }

  /** Learns of the room, and of being taken out of it. */
  follow(roomId: string): void {
    if (this.followed.has(roomId)) return;
    this.followed.add(roomId);
    const { client, book, joined } = this.options;
    const followed = client.room(roomId);
    this.stop.push(
      followed.on('joined', ({ reply }) => {
        book.learn([reply.room]);
        joined(roomId);
      }),
      followed.on('left', ({ reason }) => {
        if (!this.leaving.has(roomId) && reason !== 'asked') this.out(roomId, reason);
      }),
    );
  }

  /** Somebody took this person out, or is about to. */
  takenOut(roomId: string, why: string | undefined): void {
    if (why) this.reasons.set(roomId, why);
  }

  /** Somebody has given a role to somebody, or taken it. */
  async roleSet({ room_id, user_id, role, reason }: CommandData<'set_member'>): Promise<void> {
    const { book, userId, look, tell } = this.options;
    const before = book.role(room_id, user_id);
    book.setRole(room_id, user_id, role);
    if (user_id !== userId) return;
    if (role === 'banned') return this.takenOut(room_id, reason);
    const isIn = this.entered.has(room_id);
    if (role === 'none' && !isIn) {
      if (book.rooms.peek().get(room_id)?.visibility === 'private') book.forget(room_id);
      return;
    }
    const given = await look(room_id).catch(() => null);
    book.setRole(room_id, user_id, role);
    if (given === null) return;
    if (!isIn && role !== 'none') {
      this.invited.add(room_id);
      tell({ kind: 'invited', room: given });
    } else if (role !== before) tell({ kind: 'role', name: given.name, role });
  }

  private async enterAgain(): Promise<void> {
    const selected = this.options.selected.peek();
    const ids = [...this.entered.list.peek()];
    if (selected?.kind === 'room') ids.sort((a, b) => Number(b === selected.id) - Number(a === selected.id));
    const next = async (): Promise<void> => {
      for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
        const conversation = this.options.conversations.obtain(room(id));
        await conversation.open().catch(() => {});
        if (conversation.error.value !== null) this.enteringFailed(id, conversation.error.value);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  /** Rooms that are no more, or not for this person any more, are not entered again at the next load. */
  private enteringFailed(roomId: string, error: CommandError): void {
    if (error.name !== 'RoomNotFound' && error.name !== 'Forbidden') return;
    this.out(roomId, error.name === 'RoomNotFound' ? 'deleted' : 'refused');
  }

  /** What another tab has entered or left, this one does too. */
  private followOtherTabs(): void {
    const { conversations } = this.options;
    for (const id of conversations.roomIds) if (!this.entered.has(id)) void this.leave(id).catch(() => {});
    for (const id of this.entered.list.peek()) conversations.obtain(room(id));
  }

  private out(roomId: string, reason: LeaveReason): void {
    const { book, conversations, tell } = this.options;
    const name = book.rooms.peek().get(roomId)?.name ?? roomId;
    const why = this.reasons.get(roomId);
    this.reasons.delete(roomId);
    if (reason === 'deleted') this.forget(roomId);
    else {
      this.entered.remove(roomId);
      conversations.drop(room(roomId));
    }
    tell({ kind: 'out', roomId, name, reason, ...(why === undefined ? {} : { why }) });
  }

  private forget(roomId: string): void {
    this.entered.remove(roomId);
    this.options.book.forget(roomId);
    this.options.conversations.drop(room(roomId));
    this.options.gone();
  }
}

function room(id: string): Target {
  return { kind: 'room', id };
}
