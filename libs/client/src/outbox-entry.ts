import type { ReplyData } from '@hubbub/protocol';
import { CommandError } from './command-error.js';
import type { KeptMessage } from './outbox-store.js';

/** A message of one's own that the gateway has not acknowledged. */
export interface OutboxEntry {
  /** Its `idempotency_key`. */
  readonly key: string;
  readonly type: 'room_message' | 'direct_message';
  /** The `room_id`, or the `target_id`. */
  readonly target: string;
  readonly content: unknown;
  /** When it was given, Unix ms. */
  readonly createdAt: number;
  /**
   * - `waiting`: for the connection, or for its room to be joined
   * - `sent`: and not answered yet; after a lost connection it is sent again
   * - `failed`: refused, or given up; it stays until `retry` or `discard`
   */
  readonly state: 'waiting' | 'sent' | 'failed';
  /** With `failed`: why. */
  readonly error?: CommandError;
}

/**
 * What became of a message:
 * - `kept`: it is in the outbox, and survives a reload where that has a store; also those of an earlier run, and retried ones
 * - `sent`: it left for the first time in this run
 * - `stored`: the gateway has it; it is in the outbox no more
 * - `failed`, `discarded`
 */
export type OutboxEvent =
  | { readonly event: 'kept' | 'sent' | 'failed' | 'discarded'; readonly entry: OutboxEntry }
  | {
      readonly event: 'stored';
      readonly entry: OutboxEntry;
      readonly reply: StoredReply;
    };

export type StoredReply = ReplyData<'room_message'> | ReplyData<'direct_message'>;

/** An entry on its way, as its outbox has it. */
export interface OutboxItem {
  message: KeptMessage;
  state: OutboxEntry['state'];
  error: CommandError | undefined;
  /** In the store, or as good as. */
  isKept: boolean;
  /** Of an earlier run: its room has to be joined first. */
  isRestored: boolean;
  /** It could not leave as soon as it was given. */
  hasWaited: boolean;
  /** Ends the command that it has become. */
  readonly abort: AbortController;
  caller: { resolve(reply: unknown): void; reject(error: unknown): void } | null;
  /** Ends the caller's timer and abort listener. */
  release: () => void;
}

export function newItem(message: KeptMessage): OutboxItem {
  const { error } = message;
  return {
    message,
    state: error ? 'failed' : 'waiting',
    error: error && new CommandError(error.name, { ...error, idempotencyKey: message.key }),
    isKept: false,
    isRestored: false,
    hasWaited: false,
    abort: new AbortController(),
    caller: null,
    release: () => {},
  };
}

export function entryOf({ message, state, error }: OutboxItem): OutboxEntry {
  const { key, type, target, content, createdAt } = message;
  return { key, type, target, content, createdAt, state, ...(error && { error }) };
}
