/** A connection of a user. `since`: Unix ms. */
export interface Seat {
  readonly id: string;
  readonly since: number;
}

/** The ids of those that are too many: the oldest where newer ones replace them, else the newest. The same at all nodes. */
export function surplusOf(seats: readonly Seat[], limit: number, policy: 'refuse' | 'replace'): string[] {
  const surplus = Math.max(0, seats.length - limit);
  const oldestFirst = [...seats].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  return policy === 'replace' ? oldestFirst.slice(0, surplus) : oldestFirst.slice(seats.length - surplus);
}
