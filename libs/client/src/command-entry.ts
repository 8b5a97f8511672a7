/** A frame of the server (PROTOCOL §2). */
export interface InboundFrame {
  readonly message_type: string;
  readonly request_id?: number | string;
  readonly data: unknown;
  readonly timestamp: number;
}

export interface CommandOptions {
  /**
   * How long to wait for the answer, the wait for a connection included, in ms.
   * @default 15000; for messages that are kept until they are acknowledged, no limit
   */
  readonly timeoutMs?: number | undefined;
  /** Gives up on the command; rejects with the signal's reason. One that was sent may still be carried out. */
  readonly signal?: AbortSignal | undefined;
  /** Items of a handler that answers with a stream; the promise is settled by its end. Aborting cancels the stream. */
  readonly onItem?: ((item: unknown) => void) | undefined;
}

export interface Command extends CommandOptions {
  readonly type: string;
  readonly data: unknown;
  /** Messages of one lane leave in order, and are sent again after a lost connection until they are acknowledged. */
  readonly lane?: string;
  /** The key within `data`, told with a failure. */
  readonly idempotencyKey?: string | undefined;
  /** Refuses instead of waiting for a connection and the lane, and is sent once. */
  readonly now?: boolean;
  /** Without an answer the connection is given up instead of the command. */
  readonly watched?: boolean;
  /** It had to wait: as what is sent again, it leaves only when the one before it was answered. */
  readonly isBacklog?: boolean;
  /** When it may have been sent before, Unix ms. */
  readonly sentAt?: number | undefined;
  /** Called when it is sent. */
  readonly onSent?: (() => void) | undefined;
  /** Called with the reply before anything that came after it is looked at. */
  readonly onReply?: (data: unknown) => void;
}

/** A command on its way. */
export interface Entry extends CommandOptions {
  readonly id: number;
  readonly type: string;
  /** As it was when the command was given, whatever became of the object since. */
  readonly dataJson: string;
  readonly lane: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly watched?: boolean;
  readonly onSent?: (() => void) | undefined;
  readonly onReply?: (data: unknown) => void;
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Ends timer and abort listener of the caller. */
  release: () => void;
  /** Ends the watch over the answer of a message. */
  answered: () => void;
  sent: boolean;
  /** When it was sent first, Unix ms. */
  sentAt: number | undefined;
  /** The caller was told. While its answer is still out he has given up on it, but it says what was stored. */
  done: boolean;
}

/** Messages to one room or user. Empty ones are dropped. */
export interface Lane {
  readonly queue: Entry[];
  inFlight: number;
  /** Id of the last one sent. */
  lastSent: number;
  /**
   * Up to this id, what had to wait leaves one at a time: with several under way, one that is refused for its rate would
   * come after the next.
   */
  serialUntil: number;
  /** The timer of a wait before what was refused for its rate is sent again. */
  pause: unknown;
}

export function newLane(): Lane {
  return { queue: [], inFlight: 0, lastSent: 0, serialUntil: 0, pause: null };
}

const encoder = new TextEncoder();

/** Whether `text` takes more than `bytes` in UTF-8. */
export function exceeds(text: string, bytes: number): boolean {
  // A UTF-16 unit takes one to three bytes, so most frames need no count.
  return text.length > bytes || (text.length * 3 > bytes && encoder.encode(text).length > bytes);
}
