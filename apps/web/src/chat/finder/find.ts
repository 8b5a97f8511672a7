import type { Room } from '@hubbub/protocol';
import type { Target } from '../state/target.js';

export interface Person {
  readonly userId: string;
  readonly username: string;
}

export interface Findable {
  readonly entered: readonly Room[];
  readonly others: readonly Room[];
  readonly people: readonly Person[];
  /** Whom a text means that is nobody's known here. */
  readonly idOf: (text: string) => string;
}

/** One line of what was found. `write` is somebody whom nothing is known of but what was typed. */
export type Found =
  | { readonly kind: 'room'; readonly room: Room; readonly target: Target }
  | { readonly kind: 'person' | 'write'; readonly person: Person; readonly target: Target };

const MOST = 20;

/** What matches: one's own rooms before people before other rooms, the nearer match first; at the end, to write to the very id. */
export function find(query: string, { entered, others, people, idOf }: Findable): Found[] {
  const text = query.trim();
  const wanted = text.toLowerCase();
  const own = new Set(entered.map(({ id }) => id));
  const rooms = (of: readonly Room[]) =>
    ranked(of, wanted, ({ id, name }) => [name, id]).map(
      (room): Found => ({ kind: 'room', room, target: { kind: 'room', id: room.id } }),
    );
  const found = [
    ...rooms(entered),
    ...ranked(people, wanted, ({ userId, username }) => [username, userId]).map(
      (person): Found => ({ kind: 'person', person, target: { kind: 'direct', id: person.userId } }),
    ),
    ...rooms(others.filter(({ id }) => !own.has(id))),
  ].slice(0, MOST);
  if (text === '') return found;
  const id = idOf(text);
  if (people.some(({ userId }) => userId === id)) return found;
  return [...found, { kind: 'write', person: { userId: id, username: text }, target: { kind: 'direct', id } }];
}

/** Those that match by any of their names: at the beginning before elsewhere. */
function ranked<T>(all: readonly T[], wanted: string, namesOf: (one: T) => readonly string[]): T[] {
  const ranks = all.map((one) => ({ one, rank: Math.min(...namesOf(one).map((name) => rankOf(name, wanted))) }));
  return ranks
    .filter(({ rank }) => rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}

const NO_MATCH = 3;

function rankOf(name: string, wanted: string): number {
  const at = name.toLowerCase().indexOf(wanted);
  if (at < 0) return NO_MATCH;
  if (at === 0) return 0;
  return /[\s_.:-]/.test(name.charAt(at - 1)) ? 1 : 2;
}
