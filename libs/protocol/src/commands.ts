import Type, { type Static, type TSchema } from 'typebox';
import {
  Cursor,
  DirectMessage,
  Epoch,
  GivenRole,
  HistoryMode,
  IdempotencyKey,
  JsonObject,
  ListedRoom,
  MaxClients,
  Member,
  PageLimit,
  Reason,
  Room,
  RoomId,
  RoomMessage,
  RoomName,
  Seq,
  Session,
  TapItem,
  Timestamp,
  UserId,
  Visibility,
} from './entities.js';
import type { Permission } from './permissions.js';

/** One command: what it takes, what it needs, and how it is answered (PROTOCOL §3). */
export interface CommandSpec {
  /** Schema of `data`. */
  readonly data: TSchema;
  /** The plain permission it needs; null for none. Room roles are looked at by the handler. */
  readonly permission: Permission | null;
  /** `message_type` of the reply; null where there is none. */
  readonly reply: string | null;
  /** Answered by frames of type `<command>_item`, and then by `reply`, which is `done`. */
  readonly streams?: boolean;
  /** Schema of the reply's `data`; of a stream that of each item. */
  readonly replyData: TSchema;
}

const optional = Type.Optional;
const Nothing = Type.Object({});
const RoomRef = Type.Object({ room_id: RoomId });
const Count = Type.Integer({ minimum: 0 });
/** What is read by a page: oldest first. */
const MemberAction = { room_id: RoomId, user_id: UserId, reason: optional(Reason) };
const SetMember = Type.Object({ ...MemberAction, role: GivenRole });
const KickMember = Type.Object(MemberAction);
const RedactMessage = Type.Object({ room_id: RoomId, seq: Seq });
const BlockUser = Type.Object({ user_id: UserId, blocked: Type.Boolean() });

export const COMMANDS = {
  ping: {
    data: Type.Object({ ts: optional(Type.Integer()) }),
    permission: null,
    reply: 'pong',
    replyData: Type.Object({ ts: optional(Type.Integer()), server_ts: Timestamp }),
  },
  authenticate: {
    data: Type.Object({ token: Type.String({ minLength: 1 }) }),
    permission: null,
    reply: 'authenticated',
    replyData: Session,
  },
  close: { data: Nothing, permission: null, reply: null, replyData: Nothing },
  cancel: {
    data: Type.Object({
      request_id: Type.Union([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1, maxLength: 64 })]),
    }),
    permission: null,
    reply: 'cancelled',
    replyData: Type.Object({ request_id: Type.Union([Type.Integer(), Type.String()]) }),
  },
  create_room: {
    data: Type.Object({
      room_id: optional(RoomId),
      name: optional(RoomName),
      max_clients: optional(MaxClients),
      visibility: optional(Visibility),
      history: optional(HistoryMode),
      metadata: optional(JsonObject),
    }),
    permission: 'create:room',
    reply: 'room_created',
    replyData: Type.Object({ room: Room }),
  },
  update_room: {
    data: Type.Object({
      room_id: RoomId,
      name: optional(RoomName),
      max_clients: optional(MaxClients),
      visibility: optional(Visibility),
      metadata: optional(JsonObject),
    }),
    permission: null,
    reply: 'room_updated',
    replyData: Type.Object({ room: Room }),
  },
  delete_room: { data: RoomRef, permission: 'delete:room', reply: 'room_deleted', replyData: RoomRef },
  list_rooms: {
    data: Type.Object({
      cursor: optional(Cursor),
      limit: optional(PageLimit),
      prefix: optional(Type.String({ maxLength: 128 })),
      joined: optional(Type.Boolean()),
    }),
    permission: 'read:message',
    reply: 'room_list',
    replyData: Type.Object({ rooms: Type.Array(ListedRoom), next_cursor: optional(Cursor) }),
  },
  join_room: {
    data: Type.Object({
      room_id: RoomId,
      since: optional(Type.Object({ epoch: Epoch, seq: Seq })),
      history: optional(Type.Integer({ minimum: 0, maximum: 200 })),
    }),
    permission: 'join:room',
    reply: 'room_joined',
    replyData: Type.Object({
      room_id: RoomId,
      status: Type.Literal('joined'),
      room: Room,
      epoch: Epoch,
      seq: Seq,
      recovered: Type.Boolean(),
      missed: Count,
      messages: Type.Array(RoomMessage),
      members: Type.Array(Member),
      member_count: Count,
    }),
  },
  leave_room: {
    data: RoomRef,
    permission: 'leave:room',
    reply: 'room_left',
    replyData: Type.Object({ room_id: RoomId, status: Type.Literal('left') }),
  },
  room_message: {
    data: Type.Object({
      room_id: RoomId,
      content: Type.Unknown(),
      idempotency_key: optional(IdempotencyKey),
      ephemeral: optional(Type.Boolean()),
    }),
    permission: 'send:message',
    reply: 'room_message_sent',
    replyData: Type.Object({
      room_id: RoomId,
      seq: optional(Seq),
      epoch: Epoch,
      timestamp: Timestamp,
      duplicate: optional(Type.Literal(true)),
    }),
  },
  room_history: {
    data: Type.Object({ room_id: RoomId, before: optional(Seq), after: optional(Seq), limit: optional(PageLimit) }),
    permission: 'read:message',
    reply: 'room_history',
    replyData: Type.Object({
      room_id: RoomId,
      epoch: Epoch,
      messages: Type.Array(RoomMessage),
      has_more: Type.Boolean(),
    }),
  },
  room_members: {
    data: Type.Object({ room_id: RoomId, cursor: optional(Cursor), limit: optional(PageLimit) }),
    permission: 'read:message',
    reply: 'room_members',
    replyData: Type.Object({
      room_id: RoomId,
      members: Type.Array(Member),
      member_count: Count,
      next_cursor: optional(Cursor),
    }),
  },
  direct_message: {
    data: Type.Object({ target_id: UserId, content: Type.Unknown(), idempotency_key: optional(IdempotencyKey) }),
    permission: 'send:message',
    reply: 'direct_message_sent',
    replyData: Type.Object({
      target_id: UserId,
      seq: Seq,
      delivered: Count,
      timestamp: Timestamp,
      duplicate: optional(Type.Literal(true)),
    }),
  },
  inbox: {
    data: Type.Object({
      since: optional(Seq),
      peer_id: optional(UserId),
      before: optional(Seq),
      limit: optional(PageLimit),
    }),
    permission: 'read:message',
    reply: 'inbox',
    replyData: Type.Object({
      messages: Type.Array(DirectMessage),
      epoch: Type.String(),
      seq: Seq,
      has_more: Type.Boolean(),
    }),
  },
  mark_read: {
    data: Type.Object({ room_id: optional(RoomId), peer_id: optional(UserId), seq: Seq }),
    permission: 'read:message',
    reply: 'marked_read',
    replyData: Type.Object({ room_id: optional(RoomId), peer_id: optional(UserId), seq: Seq, unread: Count }),
  },
  set_presence: {
    data: Type.Object({ room_id: optional(RoomId), state: JsonObject }),
    permission: null,
    reply: 'presence_set',
    replyData: Type.Object({ room_id: optional(RoomId) }),
  },
  watch_online: {
    data: Type.Object({ enabled: Type.Boolean() }),
    permission: null,
    reply: 'online',
    replyData: Type.Object({ count: Count }),
  },
  set_member: { data: SetMember, permission: null, reply: 'member_set', replyData: SetMember },
  kick_member: { data: KickMember, permission: null, reply: 'member_kicked', replyData: KickMember },
  redact_message: { data: RedactMessage, permission: null, reply: 'message_redacted', replyData: RedactMessage },
  tap: {
    data: Type.Object({
      room_id: optional(RoomId),
      user_id: optional(UserId),
      sample: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
      content: optional(Type.Boolean()),
    }),
    permission: 'admin:system',
    reply: 'done',
    streams: true,
    replyData: TapItem,
  },
  block_user: { data: BlockUser, permission: null, reply: 'user_blocked', replyData: BlockUser },
} as const satisfies Record<string, CommandSpec>;

export type CommandType = keyof typeof COMMANDS;
export type CommandData<T extends CommandType> = Static<(typeof COMMANDS)[T]['data']>;
export type ReplyData<T extends CommandType> = (typeof COMMANDS)[T] extends { readonly streams: true }
  ? { readonly cancelled?: true }
  : Static<(typeof COMMANDS)[T]['replyData']>;
/** Of each item of a command that is answered by a stream. */
export type ItemData<T extends CommandType> = (typeof COMMANDS)[T] extends { readonly streams: true }
  ? Static<(typeof COMMANDS)[T]['replyData']>
  : never;

/** The reply type of `command`: the table's for built-ins, `<type>_reply` for everybody else's. */
export function replyTypeOf(command: string): string | null {
  return Object.hasOwn(COMMANDS, command) ? COMMANDS[command as CommandType].reply : `${command}_reply`;
}
