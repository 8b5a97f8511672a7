import type { HubbubError } from '@hubbub/protocol';

/**
 * One thing that has to hold for somebody to do something. A decision is a list of them, asked in turn: the first that does
 * not hold decides. `enforce` decides by it; whoever explains a decision asks the same list.
 */
export interface Condition<C> {
  /** As it is named to operators. */
  readonly name: string;
  holds(subject: C): boolean;
  /** Why it holds, or why not: one sentence. */
  because(subject: C): string;
  /** What is told to one for whom it does not hold. */
  refusal(subject: C): HubbubError;
}

export function hold<C>(conditions: readonly Condition<C>[], subject: C): boolean {
  return conditions.every((condition) => condition.holds(subject));
}

/** @throws HubbubError the refusal of the first that does not hold */
export function enforce<C>(conditions: readonly Condition<C>[], subject: C): void {
  for (const condition of conditions) if (!condition.holds(subject)) throw condition.refusal(subject);
}
