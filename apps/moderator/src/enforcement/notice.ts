import { createHash } from 'node:crypto';
import type { Decision } from '../decision.js';
import type { Action } from '../escalation.js';

const WORDS: Readonly<Record<Action, string>> = {
  redacted: 'A message of NAME was removed.',
  kicked: 'A message of NAME was removed, and NAME was sent out of the room.',
  banned: 'A message of NAME was removed, and NAME was banned from the room.',
};

/** What the room is told of a decision. It is stored like any message, so that who comes later sees why one is missing. */
export function noticeOf({ seq, user_id, username, rule, action }: Decision) {
  // By a function, as a name may have signs that mean something in a replacement.
  return { type: 'moderation', text: WORDS[action].replaceAll('NAME', () => username), action, rule, seq, user_id };
}

/** By which the gateways know a repeat of a notice, for a day. As long as a key may be, which an epoch may be alone. */
export function noticeKey({ id }: Pick<Decision, 'id'>): string {
  return createHash('sha256').update(`moderator notice ${id}`).digest('base64url');
}
