import type { ErrorName } from '../../errors.js';

/** What documents say of one command beside its schemas. Kept apart from them, so that no client carries it. */
export interface CommandText {
  /** What it does: one sentence. */
  readonly summary: string;
  /** What else there is to know. */
  readonly notes?: string;
  /** What the caller needs beside, or in place of, the permission of the table. */
  readonly needs?: string;
  /** What a field means here, beyond what its name means everywhere. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly replyFields?: Readonly<Record<string, string>>;
  /** Errors of its own; every command may be answered by those of `COMMON_ERRORS`. */
  readonly errors?: readonly ErrorName[];
  readonly example: object;
  readonly reply: object;
}

/** What documents say of a push or an event. */
export interface MessageText {
  readonly summary: string;
  readonly notes?: string;
  /** Whom a push goes to. */
  readonly to?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly example: object;
}

/** What any command may be answered. */
export const COMMON_ERRORS: readonly ErrorName[] = [
  'Unknown',
  'InvalidFormat',
  'InvalidMessageID',
  'ServerError',
  'Timeout',
  'RateLimited',
];
