import type { Action } from './escalation.js';

/** What a message broke: a listed word, or too many alike. */
export type Rule = 'word' | 'repeat';

/** A message that may be judged: one that was stored. */
export interface StoredMessage {
  readonly room_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly sender_id: string;
  readonly sender_name: string;
  readonly content: unknown;
  /** Unix ms. */
  readonly timestamp: number;
}

/** By which a decision is known: one a message. */
export function decisionId({ epoch, seq }: Pick<StoredMessage, 'epoch' | 'seq'>): string {
  return `${epoch}:${seq}`;
}

/** A fact for others: `moderator.evt.room.<key>.decision`. */
export interface Decision {
  /** `<epoch>:<seq>` of the message. */
  readonly id: string;
  /** When it was made, Unix ms. */
  readonly timestamp: number;
  readonly room_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly user_id: string;
  readonly username: string;
  readonly rule: Rule;
  readonly action: Action;
  /** Which one it is of this user, in all rooms, within the window. */
  readonly offence: number;
}

/** What a decision leads to, each once, in a queue of its own. */
export const EFFECTS = ['redact', 'remove', 'notice', 'fact'] as const;
export type Effect = (typeof EFFECTS)[number];

export function effectsOf(action: Action): readonly Effect[] {
  return action === 'redacted' ? EFFECTS.filter((effect) => effect !== 'remove') : EFFECTS;
}
