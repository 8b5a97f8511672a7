/**
 * The first `limit` of `items` in the order of `compare`, in that order: for a page of very many. One pass, and no more memory than
 * a few pages.
 */
export function firstOf<T>(items: Iterable<T>, limit: number, compare: (a: T, b: T) => number): T[] {
  const kept: T[] = [];
  const most = 2 * limit + 16;
  let last: T | undefined;
  for (const item of items) {
    if (last !== undefined && compare(item, last) >= 0) continue;
    kept.push(item);
    if (kept.length < most) continue;
    kept.sort(compare).splice(limit);
    last = kept.at(-1);
  }
  return kept.sort(compare).slice(0, limit);
}
