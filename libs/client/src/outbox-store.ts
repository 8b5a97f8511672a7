import type { ErrorName } from '@hubbub/protocol';
import type { LocalErrorName } from './command-error.js';

/** A message on its way to the gateway, as a store keeps it: plain JSON. */
export interface KeptMessage {
  /** Its `idempotency_key`. */
  readonly key: string;
  /** Who sends it. */
  readonly userId: string;
  readonly type: 'room_message' | 'direct_message';
  /** The `room_id`, or the `target_id`. */
  readonly target: string;
  readonly content: unknown;
  /** When it was given, Unix ms. */
  readonly createdAt: number;
  /** Messages to one target leave in the order of this number. */
  readonly order: number;
  /** When it may have left for the first time, Unix ms: that long the gateway may know its key. */
  readonly sentAt?: number;
  /** Why it failed. It is not sent again by itself. */
  readonly error?: KeptError;
}

export interface KeptError {
  readonly name: ErrorName | LocalErrorName;
  readonly code: number;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: unknown;
}

/**
 * Keeps messages that were not acknowledged yet, for a later run of the application. A store belongs to one client at a
 * time; several may stand on the same ground (the tabs of a browser), and then each message is with one of them.
 */
export interface OutboxStore {
  /**
   * Takes over what is kept for this user and is with no other store that is alive, in the order of sending. What this
   * store has taken or written before does not come again.
   * @param more called when there may be more to take: somebody is gone who was alive
   */
  take(userId: string, more: () => void): Promise<readonly KeptMessage[]>;
  /** Keeps messages, in place of what was kept of the same (`idOf`), and drops others: all of it or nothing. */
  write(put: readonly KeptMessage[], remove: readonly KeptMessage[]): Promise<void>;
  /** Lets go: what is kept may be taken over by another, and comes again with the next `take`, also here. */
  close(): Promise<void>;
}

/** Tells messages apart: a key counts for one user and one target. */
export function idOf({ userId, type, target, key }: KeptMessage): string {
  return JSON.stringify([userId, type, target, key]);
}

/** Whether what a store found is a message: it may be of another version, or damaged. */
export function isKept(value: unknown): value is KeptMessage {
  const { key, userId, type, target, createdAt, order } = (value ?? {}) as Partial<KeptMessage>;
  return (
    [key, userId, target].every((text) => typeof text === 'string') &&
    (type === 'room_message' || type === 'direct_message') &&
    Number.isFinite(createdAt) &&
    Number.isFinite(order)
  );
}
