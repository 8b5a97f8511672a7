/** What an act came to, as the gateway answers it: PROTOCOL §10 and the commands of services. */
export interface ActAnswer {
  readonly closed?: number;
  /** How many nodes confirmed. */
  readonly nodes?: number;
  readonly unconfirmed?: readonly string[];
}

export interface Outcome {
  /** Connections that were ended, where the act ends any. */
  readonly closed: number | null;
  /** Nodes that may not know of it. */
  readonly unconfirmed: readonly string[];
}

/** @param answer of any route: undefined where it answers nothing */
export function outcomeOf(answer: unknown): Outcome {
  const { closed, unconfirmed } = (typeof answer === 'object' && answer !== null ? answer : {}) as ActAnswer;
  return { closed: closed ?? null, unconfirmed: unconfirmed ?? [] };
}
