import { setImmediate as nextTurn } from 'node:timers/promises';

/** Looked at in one turn of the event loop: half a millisecond to one. */
const AT_ONCE = 2000;

/**
 * The first `limit` of those `items` that are wanted, in the order of `compare`: for a page of very many. One pass, no more memory
 * than a few pages, and others have their turn meanwhile: what comes or goes then may or may not be among them.
 * @param isWanted asked here, so that passing over many is done in turns as well
 */
export async function firstOf<T>(
  items: Iterable<T>,
  limit: number,
  compare: (a: T, b: T) => number,
  isWanted: (item: T) => boolean = () => true,
): Promise<T[]> {
  const kept: T[] = [];
  const most = 2 * limit + 16;
  let last: T | undefined;
  let seen = 0;
  for (const item of items) {
    if (++seen % AT_ONCE === 0) await nextTurn();
    if (!isWanted(item) || (last !== undefined && compare(item, last) >= 0)) continue;
    kept.push(item);
    if (kept.length < most) continue;
    kept.sort(compare).splice(limit);
    last = kept.at(-1);
  }
  return kept.sort(compare).slice(0, limit);
}
