import { type GivenRole, HubbubError } from '@hubbub/protocol';
import type { Caller } from './actor.js';
import type { Condition } from './condition.js';

/** What came of one question. */
export interface Ruling {
  /** One sentence. */
  readonly because: string;
  /** What the command is refused with; null where it goes on. */
  readonly refusal: HubbubError | null;
  /** It is answered as if it went on, and does nothing. */
  readonly isSilent?: true;
}

/** One question that a decision asks, by itself: nothing is done. */
export interface Question {
  readonly rule: string;
  /** @throws HubbubError ServerError */
  readonly ask: () => Promise<Ruling> | Ruling;
}

/** Somebody who would do something, and what he would say of it. */
export interface Attempt {
  readonly caller: NonNullable<Caller>;
  /** The rooms of his connection; none without one. */
  readonly rooms: readonly string[];
  readonly roomId?: string | undefined;
  /** On whom it is done. */
  readonly targetId?: string | undefined;
  readonly role?: GivenRole | undefined;
  readonly seq?: number | undefined;
}

/** Whether each of the conditions holds. @param subject looked up when it is asked */
export function questionsOf<C>(conditions: readonly Condition<C>[], subject: () => C | Promise<C>): Question[] {
  return conditions.map((condition) => ({
    rule: condition.name,
    ask: async () => {
      const asked = await subject();
      const refusal = condition.holds(asked) ? null : condition.refusal(asked);
      return { because: condition.because(asked), refusal };
    },
  }));
}

export function passes(because: string): Ruling {
  return { because, refusal: null };
}

/** @throws HubbubError InvalidFormat for a field that the command cannot do without */
export function needed<T>(value: T | undefined, field: string): T {
  if (value !== undefined) return value;
  throw new HubbubError('InvalidFormat', { details: [{ path: `/${field}`, message: 'is needed for this action' }] });
}
