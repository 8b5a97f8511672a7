export type Action = 'redacted' | 'kicked' | 'banned';

/** What the rules are, beside the words. Times are those of messages, never of when they are judged. */
export interface Rules {
  /** Within which like texts of one user in one room are counted. */
  readonly repeatsWindowMs: number;
  /** How alike two texts are that count as one: 0 to 1. */
  readonly repeatsLikeness: number;
  /** The offence, of one user in all rooms within the window, that he is kicked for. 0: none. */
  readonly kickAt: number;
  /** The one that he is banned for, and those after it. 0: none. */
  readonly banAt: number;
  readonly offencesWindowMs: number;
}

/** What follows from the n-th offence, beside that the message is redacted. */
export function actionFor(offence: number, { kickAt, banAt }: Pick<Rules, 'kickAt' | 'banAt'>): Action {
  if (banAt > 0 && offence >= banAt) return 'banned';
  return kickAt > 0 && offence >= kickAt ? 'kicked' : 'redacted';
}
