import type { CloseName } from '../../close-codes.js';
import type { ErrorName } from '../../errors.js';

/** When a client is told each error. */
export const ERROR_TEXTS = {
  Unknown: 'a handler threw something unforeseen; logged once, no internals told',
  InvalidFormat: 'not JSON, not an envelope, `data` fails its schema; `details`: [{path, message}]',
  InvalidMessageID: '`message_id` of a wrong type or size, or that of a stream that runs',
  ServerError: 'storage or bus unavailable: nothing was stored',
  Timeout:
    'longer than `limits.command_timeout_ms`: the outcome is unknown, repeat with the same key; the next command starts when the handler has settled or been aborted',
  RateLimited: 'too many; with `retry_after_ms`',
  UnknownType: 'no handler for `message_type`',
  Unauthorized: 'not identified yet',
  Forbidden: 'permission or role missing; `details.permission`',
  TokenExpired: 'the token has run out: get another',
  InvalidToken: 'a token that is malformed, revoked, or signed by somebody else',
  UsernameTaken: 'registering a name that exists, in any case',
  RoomNotFound: 'there is no such room',
  RoomAlreadyExists: 'making a room with an id that is taken',
  RoomFull: '`max_clients` users are in it',
  NotInRoom: 'the command is for those who are in the room',
  AlreadyInRoom: 'this connection is in it already',
  TooManyRooms: '`limits.rooms_per_connection`, `limits.rooms_per_user` (owned)',
  ClientNotFound: 'the target user is unknown (told only with `auth.local_only`), or the connection is',
  ClientOffline: 'the command needs a connected target',
  MessageTooLarge: 'a frame over `limits.max_message_bytes` (65536): error, then close 1009; an HTTP body: 413',
  MessageNotFound: 'there is no message of this number',
} as const satisfies Record<ErrorName, string>;

/** Why connections end. */
export const CLOSE_TEXTS = {
  Normal: 'asked for by `close`',
  GoingAway: 'node going away: reconnect',
  MessageTooBig: 'message too big',
  ServiceRestart: 'node going away: reconnect (the `draining` push came first)',
  HeartbeatLost: 'heartbeat lost',
  SlowConsumer: 'slow consumer',
  RateLimited: 'over the rate limit for `limits.rate_close_after_ms` (10000) without a pause',
  NotAuthenticated: 'not authenticated in time',
  TokenExpired: 'token expired',
  Revoked: 'revoked or disconnected by an operator',
  Replaced:
    'replaced by a newer connection (`limits.connections_per_user` with `limits.connections_per_user_policy` `replace`; default `refuse`)',
  MalformedFrames: 'more than `limits.malformed_frames` (100) frames a minute that were no envelope',
} as const satisfies Record<CloseName, string>;

/** What each permission lets do. */
export const PERMISSION_TEXTS = {
  'read:message': 'lists of rooms, history, members, one’s inbox',
  'send:message': 'posting to rooms and to users',
  'create:room': 'making rooms',
  'delete:room': 'deleting rooms that one owns',
  'join:room': 'entering rooms',
  'leave:room': 'leaving rooms',
  'admin:room': 'acting as the owner of any room',
  'admin:system': 'everything; operating the gateways',
} as const satisfies Record<string, string>;
