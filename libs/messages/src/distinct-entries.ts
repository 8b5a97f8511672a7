import { HubbubError } from '@hubbub/protocol';
import { isRoomEntry, type NewEntry, type Outcome } from './message-store.js';

/** A batch without the repeats in itself: what a database is asked to store at once must not have a key twice. */
export interface DistinctEntries {
  readonly entries: readonly NewEntry[];
  /** Outcomes of the batch from those of `entries`. */
  readonly spread: (outcomes: readonly Outcome[]) => readonly Outcome[];
}

export function distinctEntries(batch: readonly NewEntry[]): DistinctEntries {
  const entries: NewEntry[] = [];
  /** Where each entry of the batch is in `entries`. */
  const places: number[] = [];
  const keys = new Map<string, number>();
  for (const entry of batch) {
    const place = entry.idempotencyKey === undefined ? entries.length : placeOf(keys, entry, entries.length);
    places.push(place);
    if (place === entries.length) entries.push(entry);
  }
  return {
    entries,
    spread: (outcomes) => (entries.length === batch.length ? outcomes : spread(places, outcomes)),
  };
}

/** Where the key was met first; `next` if that is now. */
function placeOf(keys: Map<string, number>, entry: NewEntry, next: number): number {
  // Neither rooms nor users have line ends. One that is meant for a namesake is no repeat.
  const [kind, log, scope] = isRoomEntry(entry)
    ? [`room ${entry.epoch ?? ''}`, entry.roomId, entry.senderId]
    : ['inbox', entry.senderId, entry.targetId];
  const key = `${kind}\n${log}\n${scope}\n${entry.idempotencyKey}`;
  const known = keys.get(key);
  if (known === undefined) keys.set(key, next);
  return known ?? next;
}

function spread(places: readonly number[], outcomes: readonly Outcome[]): Outcome[] {
  let seen = 0;
  return places.map((place) => {
    const outcome = outcomes[place] as Outcome;
    if (place === seen) {
      seen++;
      return outcome;
    }
    if (outcome instanceof HubbubError) return outcome;
    return { ...outcome, duplicate: true, ...('targetSeq' in outcome ? { targetSeq: null } : {}) };
  });
}
