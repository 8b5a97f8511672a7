/** What the log takes, answers and keeps. Times are Unix milliseconds; `contentJson` is JSON text, kept to the character. */

/** A message that a room is to number and keep. */
export interface NewRoomMessage {
  readonly roomId: string;
  /** Of the room that is meant: where another one has its id by now, there is no such room. @default whichever has it */
  readonly epoch?: string;
  readonly senderId: string;
  readonly senderName: string;
  /** The exact text as it was sent. */
  readonly contentJson: string;
  /** Of this sender in this room: within 24 hours the same key stores once. */
  readonly idempotencyKey?: string;
}

/** What the database said: this message is stored and survives a crash. */
export interface Appended {
  /** Its number in the room or, of a direct message, in the sender's inbox. */
  readonly seq: number;
  readonly epoch: string;
  readonly timestamp: number;
  /** The key was known: `seq` and `timestamp` are those of the first, and nothing was stored. */
  readonly duplicate: boolean;
}

/** A message of a room as it is kept. */
export interface LoggedMessage {
  readonly roomId: string;
  readonly epoch: string;
  readonly seq: number;
  readonly senderId: string;
  readonly senderName: string;
  /** `null` once redacted. */
  readonly contentJson: string;
  readonly timestamp: number;
  readonly redacted: boolean;
}

/** What is left of a message whose content was erased. */
export function erased(message: LoggedMessage): LoggedMessage {
  return { ...message, contentJson: 'null', redacted: true };
}

/** A message between two users, or of one to himself. */
export interface NewDirectMessage {
  readonly senderId: string;
  readonly senderName: string;
  readonly targetId: string;
  readonly contentJson: string;
  /** Of this sender to this target: within 24 hours the same key stores once. */
  readonly idempotencyKey?: string;
}

export interface DirectAppended extends Appended {
  /** Its number in the target's inbox; null where it was not stored for the target (to oneself, blocked, a repeat). */
  readonly targetSeq: number | null;
}

/** A direct message as one inbox keeps it. */
export interface InboxMessage {
  /** In this inbox: the two inboxes number the same message differently. */
  readonly seq: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly targetId: string;
  readonly contentJson: string;
  readonly timestamp: number;
}

/** Where a log stands. */
export interface LogHead {
  readonly epoch: string;
  /** Highest number given; 0 = none yet. */
  readonly seq: number;
  /** Highest number that is no longer kept; 0 = all are. */
  readonly floor: number;
}

/** A place in a room that a client has reached. */
export interface LogPosition {
  readonly epoch: string;
  readonly seq: number;
}
