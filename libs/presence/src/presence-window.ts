import type { Member } from '@hubbub/protocol';
import { type Entry, joinedAt, stateOf, toMember } from './member-list.js';

/** How a room differs from what was last told of it. */
export interface PresenceDiff {
  readonly roomId: string;
  readonly joined: readonly Member[];
  /** With `connections` 0 and without state. */
  readonly left: readonly Member[];
  /** Those whose state is another. */
  readonly updated: readonly Member[];
  readonly memberCount: number;
}

/** A member as somebody knows him; null where he was not there. */
type Known = Pick<Entry, 'username' | 'state'> & { readonly joinedAt: number };

interface Change {
  /** First as the members were told of him, then as those were who came meanwhile. */
  readonly known: (Known | null)[];
  /** How often the room had been shown when he changed last. */
  shown: number;
}

/** What changes in a room until its members are told. Whatever cancelled itself out is left out, unless it was shown. Pure. */
export class PresenceWindow {
  private readonly changes = new Map<string, Change>();
  /** How many members somebody believes there are. */
  private readonly counts: Set<number>;
  private shown = 0;

  constructor(
    private readonly roomId: string,
    memberCount: number,
  ) {
    this.counts = new Set([memberCount]);
  }

  /**
   * Somebody is told of the members as they are now. What is undone for the others may be news to him.
   * @param reader who it is, if he is one of them: of himself he needs no news
   */
  show(memberCount: number, reader?: string): void {
    const own = reader === undefined ? undefined : this.changes.get(reader);
    // Nor does anybody else, if nobody was shown him before.
    if (own?.shown === this.shown) own.shown++;
    this.shown++;
    this.showCount(memberCount);
  }

  /** Somebody is told how many there are now. */
  showCount(memberCount: number): void {
    this.counts.add(memberCount);
  }

  /** A member is about to change. @param entry undefined if he is not there */
  touch(userId: string, entry: Entry | undefined): void {
    const change = this.changes.get(userId);
    if (change === undefined) this.changes.set(userId, { known: [knownOf(entry)], shown: this.shown });
    else if (change.shown !== this.shown) {
      change.known.push(knownOf(entry));
      change.shown = this.shown;
    }
  }

  /** Nobody needs to be told of the user's changes so far. */
  forget(userId: string): void {
    this.changes.delete(userId);
  }

  /**
   * What to tell: nothing if everybody knows. Where somebody was shown what was undone for the others, it is done and undone
   * for all, in two diffs: so nobody hears that one came who was there, or that one went whom he never saw come.
   * @param entryOf a member as he is now
   * @param listMax in a room with more members the lists are left empty, and only their number counts
   */
  diffs(entryOf: (userId: string) => Entry | undefined, memberCount: number, listMax: number): PresenceDiff[] {
    const { roomId } = this;
    if (memberCount > listMax) {
      const isKnown = this.counts.size === 1 && this.counts.has(memberCount);
      return isKnown ? [] : [{ roomId, ...noLists(), memberCount }];
    }
    const [first, second] = [noLists(), noLists()];
    for (const [userId, { known }] of this.changes) gather([first, second], userId, known, entryOf(userId));
    return [
      { roomId, ...first, memberCount: memberCount - second.joined.length + second.left.length },
      { roomId, ...second, memberCount },
    ].filter(({ joined, left, updated }) => joined.length + left.length + updated.length > 0);
  }
}

type Lists = Record<'joined' | 'left' | 'updated', Member[]>;

function noLists(): Lists {
  return { joined: [], left: [], updated: [] };
}

function gather(
  [first, second]: readonly [Lists, Lists],
  userId: string,
  [told = null, ...shown]: readonly (Known | null)[],
  entry: Entry | undefined,
): void {
  const seen = shown.find((each) => each !== null);
  if (entry === undefined) {
    if (told !== null) first.left.push(gone(userId, told));
    else if (seen) {
      first.joined.push({ ...gone(userId, seen), connections: 1, ...stateOf(seen) });
      second.left.push(gone(userId, seen));
    }
  } else if (told === null) first.joined.push(toMember(entry));
  else if (shown.includes(null)) {
    first.left.push(gone(userId, told));
    second.joined.push(toMember(entry));
  } else if ([told, ...shown].some((each) => each && differs(each, entry))) first.updated.push(toMember(entry));
}

function knownOf(entry: Entry | undefined): Known | null {
  return entry === undefined ? null : { username: entry.username, state: entry.state, joinedAt: joinedAt(entry) };
}

function differs(known: Known, entry: Entry): boolean {
  return known.state?.json !== entry.state?.json || known.username !== entry.username;
}

function gone(userId: string, { username, joinedAt: since }: Known): Member {
  return { user_id: userId, username, connections: 0, joined_at: since };
}
