/** One row of the error table: `code` on the wire, the HTTP status it has there, and whether trying again can help. */
interface ErrorRow {
  readonly code: number;
  readonly retryable: boolean;
  readonly httpStatus: number;
  readonly message: string;
}

/** Every error a client can be told (PROTOCOL §8). Server, client and documents read this table. */
export const ERRORS = {
  Unknown: { code: 1000, retryable: false, httpStatus: 500, message: 'Something unforeseen went wrong.' },
  InvalidFormat: { code: 1001, retryable: false, httpStatus: 400, message: 'The frame or its data is not valid.' },
  InvalidMessageID: {
    code: 1002,
    retryable: false,
    httpStatus: 400,
    message: 'message_id must be an integer from 0 to 2^53-1 or a string of 1 to 64 characters.',
  },
  ServerError: {
    code: 1003,
    retryable: true,
    httpStatus: 503,
    message: 'The service is unavailable; nothing was stored.',
  },
  Timeout: {
    code: 1004,
    retryable: true,
    httpStatus: 504,
    message: 'The command took too long; its outcome is unknown.',
  },
  RateLimited: { code: 1005, retryable: true, httpStatus: 429, message: 'Too many requests.' },
  UnknownType: { code: 1006, retryable: false, httpStatus: 404, message: 'Nothing handles this message_type.' },
  Unauthorized: { code: 2000, retryable: false, httpStatus: 401, message: 'Not identified.' },
  Forbidden: { code: 2001, retryable: false, httpStatus: 403, message: 'Not allowed.' },
  TokenExpired: { code: 2002, retryable: false, httpStatus: 401, message: 'The token has expired.' },
  InvalidToken: { code: 2003, retryable: false, httpStatus: 401, message: 'The token is not valid.' },
  UsernameTaken: { code: 2004, retryable: false, httpStatus: 409, message: 'The username is taken.' },
  RoomNotFound: { code: 3000, retryable: false, httpStatus: 404, message: 'There is no such room.' },
  RoomAlreadyExists: { code: 3001, retryable: false, httpStatus: 409, message: 'The room exists already.' },
  RoomFull: { code: 3002, retryable: true, httpStatus: 409, message: 'The room is full.' },
  NotInRoom: { code: 3003, retryable: false, httpStatus: 409, message: 'Not in this room.' },
  AlreadyInRoom: { code: 3004, retryable: false, httpStatus: 409, message: 'In this room already.' },
  TooManyRooms: { code: 3005, retryable: false, httpStatus: 409, message: 'Too many rooms.' },
  ClientNotFound: { code: 4000, retryable: false, httpStatus: 404, message: 'There is no such user or connection.' },
  ClientOffline: { code: 4001, retryable: true, httpStatus: 409, message: 'The target is not connected.' },
  MessageTooLarge: { code: 4002, retryable: false, httpStatus: 413, message: 'The message is too large.' },
  MessageNotFound: { code: 4003, retryable: false, httpStatus: 404, message: 'There is no such message.' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorName = keyof typeof ERRORS;

/** One fault of a payload: a JSON pointer into `data` and what was expected there. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export interface HubbubErrorOptions {
  /** Replaces the sentence of the table. Must not contain anything of the payload. */
  readonly message?: string;
  readonly details?: readonly FieldFault[] | Readonly<Record<string, unknown>>;
  /** When to try again, in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An error that its caller is told: `data` of an `error` frame, or the body of an HTTP answer. */
export class HubbubError extends Error {
  override readonly name: ErrorName;
  readonly code: number;
  readonly retryable: boolean;
  readonly httpStatus: number;
  readonly details?: HubbubErrorOptions['details'];
  readonly retryAfterMs?: number;

  constructor(name: ErrorName, options: HubbubErrorOptions = {}) {
    super(options.message ?? ERRORS[name].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.code = ERRORS[name].code;
    this.retryable = ERRORS[name].retryable;
    this.httpStatus = ERRORS[name].httpStatus;
    if (options.details !== undefined) this.details = options.details;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = Math.max(1, Math.ceil(options.retryAfterMs));
  }

  /** The wire form (PROTOCOL §8). */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      name: this.name,
      message: this.message,
      retryable: this.retryable,
      ...(this.retryAfterMs === undefined ? {} : { retry_after_ms: this.retryAfterMs }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

export interface ErrorBody {
  readonly code: number;
  readonly name: ErrorName;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  readonly details?: HubbubErrorOptions['details'];
}

/** True for a HubbubError of any copy of this library: compared by shape, as errors may come from another bundle. */
export function isHubbubError(error: unknown): error is HubbubError {
  return (
    error instanceof Error &&
    Object.hasOwn(ERRORS, error.name) &&
    ERRORS[error.name as ErrorName].code === (error as HubbubError).code
  );
}
