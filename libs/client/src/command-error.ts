import type { ErrorName } from '@hubbub/protocol';

/** Failures that no server answered with: their `code` is 0. */
export type LocalErrorName =
  /** The connection was lost, or not there in time. Whether the command was carried out is unknown if it was sent. */
  | 'Disconnected'
  /** The client was closed, or ended for good. */
  | 'Closed'
  /** More commands wait than `maxPending`, or more items than a reader has taken. */
  | 'QueueFull'
  /** It may have been sent so long ago that the gateway does not know it any more: again, it could be stored twice. */
  | 'Expired'
  /** It was taken out of the outbox. */
  | 'Discarded'
  /** The outbox's store failed: messages are kept in memory alone. */
  | 'NotKept';

export interface CommandErrorFields {
  readonly code?: number;
  readonly message?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly details?: unknown;
  readonly cause?: unknown;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Why a command failed: the server's answer in the shape of the protocol's `HubbubError`, or a failure on this side.
 * Compare `name` or `code`, never text.
 */
export class CommandError extends Error {
  override readonly name: ErrorName | LocalErrorName;
  readonly code: number;
  /** Whether trying again can help. For messages, with the same `idempotencyKey`. */
  readonly retryable: boolean;
  /** When to try again, in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly details?: unknown;
  /** The key that a failed message was sent with: sending it again with this key cannot store it twice. */
  readonly idempotencyKey?: string;

  constructor(name: ErrorName | LocalErrorName, fields: CommandErrorFields = {}) {
    super(fields.message ?? name, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = name;
    this.code = fields.code ?? 0;
    this.retryable = fields.retryable ?? false;
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs;
    if (fields.details !== undefined) this.details = fields.details;
    if (fields.idempotencyKey !== undefined) this.idempotencyKey = fields.idempotencyKey;
  }

  /** The same error, for the message with this key. */
  withKey(idempotencyKey: string): CommandError {
    if (this.idempotencyKey === idempotencyKey) return this;
    const { code, message, retryable, retryAfterMs, details, cause } = this;
    return new CommandError(this.name, { code, message, retryable, retryAfterMs, details, cause, idempotencyKey });
  }

  /** The error that a server told of: `data` of an `error` frame, or the body of an HTTP answer. */
  static from(body: unknown): CommandError {
    const { code, name, message, retryable, retry_after_ms, details } = (body ?? {}) as Record<string, unknown>;
    return new CommandError(typeof name === 'string' ? (name as ErrorName) : 'Unknown', {
      code: typeof code === 'number' ? code : 1000,
      message: typeof message === 'string' ? message : 'The server answered with an error.',
      retryable: retryable === true,
      retryAfterMs: typeof retry_after_ms === 'number' ? retry_after_ms : undefined,
      details,
    });
  }
}

export function disconnected(sent: boolean): CommandError {
  return new CommandError('Disconnected', {
    message: sent ? 'The connection was lost before the answer came.' : 'Not connected.',
    retryable: true,
  });
}

export function timedOut(): CommandError {
  return new CommandError('Timeout', { code: 1004, message: 'No answer came in time.', retryable: true });
}

/** @param error what is told to those who waited: the error that ended the client, if one did */
export function closedBy(error: CommandError | null): CommandError {
  const why = error === null ? 'The client was closed.' : `The client ended: ${error.message}`;
  return new CommandError('Closed', { message: why, cause: error ?? undefined });
}
