import type { Action } from './escalation.js';

/** What a message broke: it has a listed word, or is one too many alike. */
export type Rule = 'word' | 'repeat';

/** A message that was stored, but for its content. */
export interface Heard {
  readonly room_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly sender_id: string;
  readonly sender_name: string;
  /** Unix ms. */
  readonly timestamp: number;
}

/** What a decision is, here and for others (docs/moderator.md). */
export interface Decision {
  /** `<epoch>:<seq>` of the message: there is one decision about it. */
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

export function decisionId({ epoch, seq }: Pick<Heard, 'epoch' | 'seq'>): string {
  return `${epoch}:${seq}`;
}

/** What a decision leads to, each once, and in a lane of its own: a stream that is away holds up no redaction. */
export const EFFECTS = ['redact', 'remove', 'notice', 'fact'] as const;
export type Effect = (typeof EFFECTS)[number];

export function effectsOf(action: Action): readonly Effect[] {
  return action === 'redacted' ? EFFECTS.filter((effect) => effect !== 'remove') : EFFECTS;
}
