import Type, { type Static, type TSchema } from 'typebox';
import { COMMANDS } from './commands.js';
import { DirectMessage, Member, RoomId, RoomMessage, Session, Timestamp, UserId } from './entities.js';
import { ERRORS, type ErrorName } from './errors.js';

const Count = Type.Integer({ minimum: 0 });

/** Schemas of `data` of every push (PROTOCOL §4). */
export const PUSHES = {
  connected: Session,
  room_message: RoomMessage,
  direct_message: DirectMessage,
  presence: Type.Object({
    room_id: RoomId,
    joined: Type.Array(Member),
    left: Type.Array(Member),
    updated: Type.Array(Member),
    member_count: Count,
  }),
  /** A service has let the connection into a room, or taken it out: as the answers to its own commands. */
  room_joined: COMMANDS.join_room.replyData,
  room_left: COMMANDS.leave_room.replyData,
  room_updated: COMMANDS.update_room.replyData,
  room_deleted: COMMANDS.delete_room.replyData,
  member_kicked: COMMANDS.kick_member.replyData,
  message_redacted: COMMANDS.redact_message.replyData,
  member_set: COMMANDS.set_member.replyData,
  marked_read: COMMANDS.mark_read.replyData,
  broadcast: Type.Object({ message: Type.Unknown(), sender_id: Type.Optional(UserId) }),
  online: COMMANDS.watch_online.replyData,
  token_expiring: Type.Object({ expires_at: Timestamp }),
  draining: Type.Object({ reconnect_after_ms: Type.Integer({ minimum: 0 }) }),
} as const satisfies Record<string, TSchema>;

export type PushType = keyof typeof PUSHES;
export type PushData<T extends PushType> = Static<(typeof PUSHES)[T]>;

/** Schema of `data` of an `error` frame. */
export const ErrorData = Type.Object({
  code: Type.Integer(),
  name: Type.Enum(Object.keys(ERRORS) as ErrorName[]),
  message: Type.String(),
  retryable: Type.Boolean(),
  retry_after_ms: Type.Optional(Type.Integer({ minimum: 1 })),
  details: Type.Optional(Type.Unknown()),
});

/** Answers of streams: items are `<type>_item`, the one answer is `done` or `error` (PROTOCOL §2). */
export const Done = Type.Object({ cancelled: Type.Optional(Type.Literal(true)) });
