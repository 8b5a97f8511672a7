import Type, { type Static } from 'typebox';

/** Objects that several messages share (PROTOCOL §3–§5). Times are Unix milliseconds. */

export const ROOM_ID_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_:.-]{0,127}$';
/** 1–128 characters, none of them a control character or half of a surrogate pair (which no database keeps). */
export const USER_ID_PATTERN = '^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,128}$';
export const USERNAME_PATTERN = '^[A-Za-z0-9_-]{3,32}$';
export const MAX_METADATA_BYTES = 4096;
export const MAX_STATE_BYTES = 1024;

export const RoomId = Type.String({ pattern: ROOM_ID_PATTERN });
export const UserId = Type.String({ pattern: USER_ID_PATTERN });
export const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Epoch = Type.String({ minLength: 1, maxLength: 64 });
export const Timestamp = Type.Integer({ minimum: 0 });
export const IdempotencyKey = Type.String({ pattern: '^[^\\ud800-\\udfff]{1,64}$' });
export const Cursor = Type.String({ minLength: 1, maxLength: 512 });
export const PageLimit = Type.Integer({ minimum: 1, maximum: 200 });
export const MaxClients = Type.Integer({ minimum: 0, maximum: 1_000_000 });
export const RoomName = Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]{1,128}$' });
export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);
export const HistoryMode = Type.Union([Type.Literal('durable'), Type.Literal('none')]);
export const JsonObject = Type.Record(Type.String(), Type.Unknown());
export const Reason = Type.String({ maxLength: 256 });
/** A role that can be given; `owner` is made with the room and never given. */
export const GivenRole = Type.Union([
  Type.Literal('moderator'),
  Type.Literal('member'),
  Type.Literal('invited'),
  Type.Literal('banned'),
  Type.Literal('none'),
]);
export type GivenRole = Static<typeof GivenRole>;
export type RoomRole = GivenRole | 'owner';

export const Room = Type.Object({
  id: RoomId,
  name: Type.String(),
  owner_id: Type.Optional(UserId),
  visibility: Visibility,
  history: HistoryMode,
  max_clients: MaxClients,
  member_count: Type.Integer({ minimum: 0 }),
  metadata: JsonObject,
  created_at: Timestamp,
});
export type Room = Static<typeof Room>;

export const ListedRoom = Type.Intersect([Room, Type.Object({ unread: Type.Optional(Type.Integer({ minimum: 0 })) })]);
export type ListedRoom = Static<typeof ListedRoom>;

export const Member = Type.Object({
  user_id: UserId,
  username: Type.String(),
  connections: Type.Integer({ minimum: 0 }),
  state: Type.Optional(JsonObject),
  joined_at: Timestamp,
});
export type Member = Static<typeof Member>;

export const RoomMessage = Type.Object({
  room_id: RoomId,
  epoch: Epoch,
  /** Absent on ephemeral messages. */
  seq: Type.Optional(Seq),
  sender_id: UserId,
  sender_name: Type.String(),
  /** Null once redacted. */
  content: Type.Unknown(),
  timestamp: Timestamp,
  ephemeral: Type.Optional(Type.Literal(true)),
  redacted: Type.Optional(Type.Literal(true)),
  historic: Type.Optional(Type.Literal(true)),
});
export type RoomMessage = Static<typeof RoomMessage>;

export const DirectMessage = Type.Object({
  sender_id: UserId,
  sender_name: Type.String(),
  target_id: UserId,
  content: Type.Unknown(),
  /** In the inbox of the user who receives this frame. */
  seq: Seq,
  timestamp: Timestamp,
});
export type DirectMessage = Static<typeof DirectMessage>;

/** Something that a tap has seen. */
export const TapItem = Type.Object({
  at: Timestamp,
  node_id: Type.String(),
  direction: Type.Union([Type.Literal('in'), Type.Literal('out'), Type.Literal('event')]),
  connection_id: Type.Optional(Type.String()),
  user_id: Type.Optional(UserId),
  /** Of the command, reply, push or event; empty where a frame was no envelope. */
  type: Type.String(),
  room_id: Type.Optional(RoomId),
  seq: Type.Optional(Seq),
  /** Of the frame; of an event those of its content. */
  bytes: Type.Integer({ minimum: 0 }),
  /** Of a command: 0 where it was done. */
  code: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Only of a tap with `content`, and not above 4 KiB. */
  data: Type.Optional(Type.Unknown()),
  skipped: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Of `tap_started`: nodes that watch. */
  nodes: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type TapItem = Static<typeof TapItem>;

export const Session = Type.Object({
  connection_id: Type.String(),
  node_id: Type.String(),
  protocol: Type.Literal('hubbub.v1'),
  user_id: Type.Union([UserId, Type.Null()]),
  username: Type.Union([Type.String(), Type.Null()]),
  anonymous: Type.Boolean(),
  authenticated: Type.Boolean(),
  permissions: Type.Array(Type.String()),
  expires_at: Type.Optional(Timestamp),
  inbox_epoch: Type.String(),
  inbox_seq: Seq,
  heartbeat_interval_ms: Type.Integer({ minimum: 1 }),
  max_message_bytes: Type.Integer({ minimum: 1 }),
  /** What this connection may send; a change of the configuration may change it. */
  commands_per_s: Type.Optional(Type.Integer({ minimum: 1 })),
  commands_burst: Type.Optional(Type.Integer({ minimum: 1 })),
  server_version: Type.String(),
  /** Hash of what the gateway speaks: the same for as long as types, schemas and codes are. */
  contract: Type.Optional(Type.String()),
});
export type Session = Static<typeof Session>;
