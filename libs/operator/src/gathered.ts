/** What a node was asked and did not say: named only where there is one. */
export function missing(unconfirmed: readonly string[]): { unconfirmed?: readonly string[] } {
  return unconfirmed.length === 0 ? {} : { unconfirmed };
}

export function sum<T>(results: readonly T[], of: (result: T) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}
