import type { CommandError, HubbubClient, LeaveReason, Loss } from '@hubbub/client';
import type { Member, ReplyData } from '@hubbub/protocol';
import type { Target } from '../state/target.js';
import type { Message, Page } from './message.js';

/** What comes of a conversation, in its order. */
export interface SourceListener {
  message(message: Message): void;
  lost(loss: Loss): void;
  /** In, for the first time or again. @param page the latest messages, where they do not follow as `message` */
  entered(how: { readonly isAnew: boolean; readonly hasOlder: boolean }): void;
  left(reason: LeaveReason, error?: CommandError): void;
  redacted(seq: number): void;
  /** Of these members, or of all (`isAll`), this is how they are now. */
  members(change: MembersChange): void;
  read(mark: { seq: number; unread: number }): void;
}

export interface MembersChange {
  readonly all?: readonly Member[];
  readonly put?: readonly Member[];
  readonly gone?: readonly string[];
  readonly count: number;
}

/** Where the messages of a conversation come from: a room, or the part of the inbox that one has with another person. */
export interface Source {
  /** Rejects where there is no getting in. */
  open(): Promise<void>;
  page(range: { before?: number; after?: number; limit: number }): Promise<Page>;
  mark(seq: number): Promise<{ seq: number; unread: number }>;
  dispose(): void;
}

export function sourceOf(client: HubbubClient, target: Target, listener: SourceListener): Source {
  return target.kind === 'room'
    ? new RoomSource(client, target.id, listener)
    : new DirectSource(client, target.id, listener);
}

class RoomSource implements Source {
  private readonly stops: (() => void)[];
  private epoch: string | null = null;

  constructor(
    private readonly client: HubbubClient,
    private readonly roomId: string,
    private readonly listener: SourceListener,
  ) {
    const room = client.room(roomId);
    this.stops = [
      room.on('room_message', (message) => listener.message(message)),
      room.on('lost', (loss) => listener.lost(loss)),
      room.on('joined', ({ reply }) => this.entered(reply)),
      room.on('left', ({ reason, error }) => listener.left(reason, error)),
      room.on('message_redacted', ({ seq }) => listener.redacted(seq)),
      room.on('presence', ({ joined, left, updated, member_count }) =>
        listener.members({
          put: [...joined, ...updated],
          gone: left.map(({ user_id }) => user_id),
          count: member_count,
        }),
      ),
      client.on('marked_read', ({ room_id, seq, unread }) => {
        if (room_id === roomId) listener.read({ seq, unread });
      }),
    ];
  }

  async open(): Promise<void> {
    const room = this.client.room(this.roomId);
    if (!room.isJoined) return void (await room.join());
    // By a service, before anybody here listened.
    const [page, members] = await Promise.all([room.history(), room.members()]);
    this.epoch = page.epoch;
    this.listener.entered({ isAnew: true, hasOlder: page.has_more });
    for (const message of page.messages) this.listener.message(message);
    this.listener.members({ all: members, count: members.length });
  }

  page(range: { before?: number; after?: number; limit: number }): Promise<Page> {
    return this.client.room(this.roomId).history(range);
  }

  mark(seq: number): Promise<{ seq: number; unread: number }> {
    return this.client.command('mark_read', { room_id: this.roomId, seq });
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private entered({ epoch, seq, messages, members, member_count, room }: ReplyData<'join_room'>): void {
    const isAnew = epoch !== this.epoch;
    this.epoch = epoch;
    const first = messages[0]?.seq ?? seq + 1;
    this.listener.entered({ isAnew, hasOlder: room.history === 'durable' && messages.length > 0 && first > 1 });
    this.listener.members({ all: members, count: member_count });
    if (member_count > members.length) void this.readMembers();
  }

  private async readMembers(): Promise<void> {
    try {
      const members = await this.client.room(this.roomId).members();
      this.listener.members({ put: members, count: members.length });
    } catch {
      // Disconnected or out of the room: the next join brings them.
    }
  }
}

class DirectSource implements Source {
  private readonly stops: (() => void)[];

  constructor(
    private readonly client: HubbubClient,
    private readonly peerId: string,
    private readonly listener: SourceListener,
  ) {
    this.stops = [
      client.on('direct_message', (message) => {
        if (peerOf(message, client.session?.user_id ?? null) === peerId) listener.message(message);
      }),
      client.on('lost', ({ room_id, ...loss }) => {
        if (room_id === undefined) listener.lost(loss);
      }),
      client.on('marked_read', ({ peer_id, seq, unread }) => {
        if (peer_id === peerId) listener.read({ seq, unread });
      }),
    ];
  }

  async open(): Promise<void> {
    const { messages, has_more } = await this.page({ limit: 50 });
    this.listener.entered({ isAnew: true, hasOlder: has_more });
    for (const message of messages) this.listener.message(message);
  }

  page({ before, after, limit }: { before?: number; after?: number; limit: number }): Promise<Page> {
    return this.client.command('inbox', {
      peer_id: this.peerId,
      limit,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { since: after }),
    });
  }

  mark(seq: number): Promise<{ seq: number; unread: number }> {
    return this.client.command('mark_read', { peer_id: this.peerId, seq });
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }
}

/** With whom a message of one's own inbox was exchanged. */
function peerOf({ sender_id, target_id }: { sender_id: string; target_id: string }, me: string | null): string {
  return sender_id === me ? target_id : sender_id;
}
