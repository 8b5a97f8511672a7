import type { ReplyData, RoomMessage } from '@hubbub/protocol';
import type { Backoff } from './backoff.js';
import type { Clock } from './clock.js';
import type { CommandOptions } from './command-entry.js';
import type { CommandError } from './command-error.js';
import type { Loss, Position } from './ordered-log.js';

export interface JoinOptions {
  /** How many of the latest messages to begin with, 0–200. @default 50 */
  readonly history?: number | undefined;
  /** Where an earlier run of the application had come to: everything after it follows, or `lost` is told. */
  readonly since?: Position | undefined;
  /**
   * How many messages that were missed are read from the history, in pages, where they are more than the gateway brings
   * back at once (`history.recover_max`). Older ones are told as `lost`, with their numbers: `history` can still have them.
   * @default 10000
   */
  readonly catchUp?: number | undefined;
}

export interface SendOptions extends CommandOptions {
  /** Not stored: at most once, without `seq`, and only if connected. */
  readonly ephemeral?: boolean | undefined;
  /** @default a new one; the same key again stores nothing */
  readonly idempotencyKey?: string | undefined;
}

/** What a room needs of its client. */
export interface RoomHost {
  readonly clock: Clock;
  /** Why nothing goes any more; null while the client lives. */
  ending(): CommandError | null;
  isConnected(): boolean;
  userId(): string | null;
  newBackoff(): Backoff;
  /** A command of the client's own, on this connection. */
  own(type: string, data: object, onReply?: (data: unknown) => void): Promise<unknown>;
  send(roomId: string, content: unknown, options: SendOptions): Promise<ReplyData<'room_message'>>;
  deliver(message: RoomMessage): void;
  lost(event: Loss & { room_id: string }): void;
  /** Messages of the room may leave. */
  entered(roomId: string): void;
  /** Messages of the room will never leave. */
  gone(roomId: string, error: CommandError): void;
}
