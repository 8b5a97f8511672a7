import type { Member, Room, ServiceCommandData, ServiceReply } from '@hubbub/protocol';
import type { CallOptions, CommandCaller } from './commands/command-caller.js';
import { pages } from './commands/pages.js';

type Data<N extends 'create_room' | 'update_room' | 'room_history' | 'set_member'> = ServiceCommandData<N>;
type ListedRoom = ServiceReply<'list_rooms'>['rooms'][number];

export interface PublishOptions extends CallOptions {
  /** By which a repeat is known for a day. @default one of this call, so that it may be sent again without harm */
  readonly idempotencyKey?: string;
  /** Told to who is there and not stored: at most once. */
  readonly ephemeral?: boolean;
  /** In whose name, for holders of `admin:system`. @default the service's own */
  readonly senderId?: string;
  readonly senderName?: string;
  /** Users who do not get it: only of what is ephemeral, as members count what is stored. */
  readonly exclude?: readonly string[];
  /** As `exclude`, of `senderId`. */
  readonly excludeSender?: boolean;
}

/** Rooms, with the rights of this service's token. Fields are those of the protocol (PROTOCOL §3, §5). */
export class HubbubRooms {
  constructor(private readonly caller: CommandCaller) {}

  async create(data: Data<'create_room'> = {}): Promise<Room> {
    return (await this.caller.call('create_room', data)).room;
  }

  /** @throws HubbubError RoomNotFound */
  async get(roomId: string): Promise<ListedRoom> {
    return (await this.caller.call('get_room', { room_id: roomId })).room;
  }

  /** All rooms that begin with `prefix`, read page by page while one goes through them. */
  list({ prefix }: { prefix?: string } = {}): AsyncIterable<ListedRoom> {
    const filter = prefix === undefined ? {} : { prefix };
    return pages(async (cursor) => {
      const { rooms, next_cursor } = await this.caller.call('list_rooms', { ...filter, ...cursor, limit: 200 });
      return { items: rooms, next: next_cursor };
    });
  }

  async update(roomId: string, changes: Omit<Data<'update_room'>, 'room_id'>): Promise<Room> {
    return (await this.caller.call('update_room', { ...changes, room_id: roomId })).room;
  }

  async delete(roomId: string): Promise<void> {
    await this.caller.call('delete_room', { room_id: roomId });
  }

  /** Lets all connections of a user in. @throws HubbubError ClientOffline if he has none, or why all of them are refused */
  join(roomId: string, userId: string, options: { history?: number } = {}): Promise<ServiceReply<'join_user'>> {
    return this.caller.call('join_user', { room_id: roomId, user_id: userId, ...options });
  }

  /** Takes all connections of a user out. @throws HubbubError NotInRoom */
  remove(roomId: string, userId: string): Promise<ServiceReply<'leave_user'>> {
    return this.caller.call('leave_user', { room_id: roomId, user_id: userId });
  }

  /** Takes a user out by the rules of moderation: members see the push `member_kicked`. He may come back. */
  async kick(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.caller.call('kick_member', { room_id: roomId, user_id: userId, ...because(reason) });
  }

  /** Gives a role: `banned` keeps a user out, `none` takes it back. */
  async setRole(roomId: string, userId: string, role: Data<'set_member'>['role'], reason?: string): Promise<void> {
    await this.caller.call('set_member', { room_id: roomId, user_id: userId, role, ...because(reason) });
  }

  members(roomId: string): AsyncIterable<Member> {
    return pages(async (cursor) => {
      const reply = await this.caller.call('room_members', { room_id: roomId, ...cursor, limit: 200 });
      return { items: reply.members, next: reply.next_cursor };
    });
  }

  async memberCount(roomId: string): Promise<number> {
    return (await this.caller.call('room_members', { room_id: roomId, limit: 1 })).member_count;
  }

  /** Posts a message to all members. What is stored is stored once, however often it has to be sent. */
  publish(roomId: string, content: unknown, options: PublishOptions = {}): Promise<ServiceReply<'room_message'>> {
    const { idempotencyKey, ephemeral, senderId, senderName, exclude, excludeSender, ...call } = options;
    const data = {
      ...{ room_id: roomId, content },
      ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
      ...(ephemeral === undefined ? {} : { ephemeral }),
      ...(senderId === undefined ? {} : { sender_id: senderId }),
      ...(senderName === undefined ? {} : { sender_name: senderName }),
      ...(exclude === undefined ? {} : { exclude: [...exclude] }),
      ...(excludeSender === undefined ? {} : { exclude_sender: excludeSender }),
    };
    return this.caller.call('room_message', data, call);
  }

  history(roomId: string, range: Omit<Data<'room_history'>, 'room_id'> = {}): Promise<ServiceReply<'room_history'>> {
    return this.caller.call('room_history', { ...range, room_id: roomId });
  }

  /** Erases the content of a message, in the store and in the stream of events too. */
  async redact(roomId: string, seq: number): Promise<void> {
    await this.caller.call('redact_message', { room_id: roomId, seq });
  }
}

function because(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
