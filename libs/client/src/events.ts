import type { PushData, PushType, ReplyData } from '@hubbub/protocol';
import type { CommandError } from './command-error.js';
import type { Loss } from './ordered-log.js';
import type { OutboxEvent } from './outbox-entry.js';

/**
 * - `connecting`: the first connection is being made
 * - `open`: connected, and every room and the inbox have what they missed
 * - `recovering`: connecting again, or connected and catching up
 * - `offline`: not connected; the next attempt comes after a delay
 * - `closed`: ended for good
 */
export type ClientState = 'idle' | 'connecting' | 'open' | 'recovering' | 'offline' | 'closed';

export interface StateChange {
  readonly state: ClientState;
  readonly previous: ClientState;
  /** With `offline`: when the next attempt begins, in ms. */
  readonly retryInMs?: number;
  /** With `offline` and `closed`: what ended the connection. */
  readonly error?: CommandError;
}

/** The pushes of PROTOCOL §4 by their names. */
export type PushEvents = { [T in PushType]: PushData<T> };

export interface ClientEvents extends PushEvents {
  state: StateChange;
  /** Messages were missed that do not follow: of this room, or of the inbox where there is no `room_id`. */
  lost: Loss & { readonly room_id?: string };
  /** What became of a message of one's own. */
  outbox: OutboxEvent;
  /** A push of a type that is not the protocol's: your own handlers' (`Rooms.broadcast` and the like). */
  push: { readonly type: string; readonly data: unknown };
  /**
   * What the server says is wrong without answering a command, token providers that failed on a live connection, and an
   * outbox that cannot keep messages (NotKept).
   */
  error: CommandError;
}

const ROOM_PUSHES = [
  'room_message',
  'presence',
  'room_updated',
  'room_deleted',
  'member_kicked',
  'message_redacted',
  'member_set',
] as const satisfies readonly PushType[];

/** Pushes that belong to one room. */
export type RoomPush = (typeof ROOM_PUSHES)[number];

const roomPushes: ReadonlySet<string> = new Set(ROOM_PUSHES);

export function isRoomPush(type: string): type is RoomPush {
  return roomPushes.has(type);
}

export type LeaveReason = 'asked' | 'taken_out' | 'kicked' | 'banned' | 'deleted' | 'refused';

export interface RoomEvents extends Pick<PushEvents, RoomPush> {
  /** In the room, for the first time or (`resumed`) again. Messages that `reply` has follow as `room_message`. */
  joined: { readonly reply: ReplyData<'join_room'>; readonly resumed: boolean };
  /** Messages were missed that do not follow: they are not kept any more, or more than `catchUp`. */
  lost: Loss;
  /** Out of the room, and not coming back by itself. With `refused`, why a return was. */
  left: { readonly reason: LeaveReason; readonly error?: CommandError };
}

const PUSH_TYPES: Record<PushType, true> = {
  connected: true,
  room_message: true,
  direct_message: true,
  presence: true,
  room_joined: true,
  room_left: true,
  room_updated: true,
  room_deleted: true,
  member_kicked: true,
  message_redacted: true,
  member_set: true,
  marked_read: true,
  broadcast: true,
  online: true,
  token_expiring: true,
  draining: true,
};

/** Whether `type` is a push of the protocol. Others have no event of their own: one named `state` would be taken for ours. */
export function isPushType(type: string): type is PushType {
  return Object.hasOwn(PUSH_TYPES, type);
}
