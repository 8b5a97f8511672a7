import type { Member, PushData, ReplyData } from '@hubbub/protocol';
import { Emitter } from './emitter.js';

export interface RoomPresenceEvents {
  /** Somebody came, went or changed his state, or the number did. */
  change: RoomPresence;
}

/** Rooms with more members than this are not read page by page: gateways withhold their lists (`presence.list_max`). */
const MAX_READ = 2000;

type Page = ReplyData<'room_members'>;

/**
 * Who is in a room, kept up to date while it is joined. Without a connection it is as last heard of; complete again shortly
 * after the return. Of rooms so large that the gateway withholds the lists there is the number alone.
 */
export class RoomPresence extends Emitter<RoomPresenceEvents> {
  private people = new Map<string, Member>();
  private total = 0;
  /** Tells the current reading from those before it. */
  private reading = 0;
  private isWatched = false;

  /** @param read asks for a page of members; `onReply` is called before anything that came after it */
  constructor(private readonly read: (cursor: string | undefined, onReply: (page: Page) => void) => Promise<Page>) {
    super();
  }

  /** By user id, with their states. */
  get members(): ReadonlyMap<string, Member> {
    return this.people;
  }

  /** How many users are in the room. */
  get count(): number {
    return this.total;
  }

  /** @internal Somebody looks: what the join did not bring is read. */
  watch(): void {
    if (this.isWatched) return;
    this.isWatched = true;
    this.complete();
  }

  /** @internal */
  entered({ members, member_count }: Pick<ReplyData<'join_room'>, 'members' | 'member_count'>): void {
    this.reading++;
    this.total = member_count;
    this.people = new Map(member_count > MAX_READ ? [] : members.map((member) => [member.user_id, member]));
    this.complete();
    this.emit('change', this);
  }

  /** @internal */
  pushed({ joined, left, updated, member_count }: PushData<'presence'>): void {
    const wasWithheld = this.people.size === 0;
    this.total = member_count;
    if (joined.length + left.length + updated.length === 0) {
      this.reading++;
      this.people.clear();
    } else {
      for (const member of [...joined, ...updated]) this.people.set(member.user_id, member);
      for (const { user_id } of left) this.people.delete(user_id);
      // Of a room that has become small enough again, the first push names only who it is about.
      if (wasWithheld) this.complete();
    }
    this.emit('change', this);
  }

  /** @internal He was sent out; the push that counts those who are left follows. */
  kicked(userId: string): void {
    if (!this.people.delete(userId)) return;
    this.total--;
    this.emit('change', this);
  }

  /** @internal Not in the room any more. */
  ended(): void {
    this.reading++;
    if (this.total === 0) return;
    this.people = new Map();
    this.total = 0;
    this.emit('change', this);
  }

  private complete(): void {
    if (this.isWatched && this.people.size < this.total && this.total <= MAX_READ) void this.readFrom(++this.reading);
  }

  private async readFrom(reading: number): Promise<void> {
    const take = (page: Page) => {
      if (reading !== this.reading) return;
      for (const member of page.members) this.people.set(member.user_id, member);
      this.total = page.member_count;
    };
    try {
      for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
        cursor = (await this.read(cursor, take)).next_cursor;
        if (reading !== this.reading) return;
      }
      this.emit('change', this);
    } catch {
      // The next connection brings the list anew; one who may not read it has what the join brought.
    }
  }
}
