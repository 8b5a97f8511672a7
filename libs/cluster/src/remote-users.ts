import type { UserCount, UsersDiff, UsersPage } from './own-users.js';

/** Diffs kept behind a hole at most: above that all pages are needed anyway. */
const MOST_EARLY = 1000;

/** Told of every change of what is known. */
export type CountListener = (userId: string, before: number, after: number) => void;

/**
 * The users of another node, as far as it has told: diffs are taken in the order of their numbers, whichever way they come.
 * Where one is missing, all pages are asked for. Pure.
 */
export class RemoteUsers {
  private counts = new Map<string, number>();
  private epoch: string | null = null;
  /** Up to which diff all are taken. */
  private taken = 0;
  /** The highest number that was heard of. */
  private heard = 0;
  private readonly early = new Map<number, readonly UserCount[]>();
  private loading: { readonly number: number; readonly counts: Map<string, number> } | null = null;

  constructor(private readonly changed: CountListener) {}

  get size(): number {
    return this.counts.size;
  }

  connectionsOf(userId: string): number {
    return this.counts.get(userId) ?? 0;
  }

  /** Whether something is missing. */
  get hasHole(): boolean {
    return this.taken < this.heard;
  }

  /** @param epoch of the process that said so: another one begins anew, with nobody */
  take(epoch: string, { number, users }: UsersDiff): void {
    if (epoch !== this.epoch) this.begin(epoch);
    this.heard = Math.max(this.heard, number);
    if (users !== undefined && number > this.taken && this.early.size < MOST_EARLY) this.early.set(number, users);
    this.takeEarly();
  }

  /**
   * Takes a page of all users; page 0 begins anew.
   * @returns the page to ask for next, or null when all are there, or another process answered meanwhile
   */
  load(epoch: string, index: number, { number, pages, users }: UsersPage): number | null {
    if (epoch !== this.epoch) this.begin(epoch);
    if (index === 0) this.loading = { number, counts: new Map() };
    if (this.loading === null) return null;
    for (const [userId, connections] of users) this.loading.counts.set(userId, connections);
    if (index + 1 < pages) return index + 1;
    const { number: loaded, counts } = this.loading;
    this.loading = null;
    // Diffs were faster.
    if (loaded < this.taken) return null;
    this.replace(counts);
    // Later pages may be newer than the first: what changed between comes again, by the diffs after that.
    this.taken = loaded;
    this.heard = Math.max(this.heard, loaded);
    for (const early of this.early.keys()) if (early <= this.taken) this.early.delete(early);
    this.takeEarly();
    return null;
  }

  /** The node has gone: it has nobody. */
  clear(): void {
    this.replace(new Map());
  }

  private begin(epoch: string): void {
    this.replace(new Map());
    this.epoch = epoch;
    this.taken = 0;
    this.heard = 0;
    this.early.clear();
    this.loading = null;
  }

  private takeEarly(): void {
    for (let users = this.early.get(this.taken + 1); users !== undefined; users = this.early.get(this.taken + 1)) {
      this.early.delete(++this.taken);
      for (const [userId, connections] of users) this.set(userId, connections);
    }
  }

  private set(userId: string, connections: number): void {
    const before = this.connectionsOf(userId);
    if (connections > 0) this.counts.set(userId, connections);
    else this.counts.delete(userId);
    if (before !== connections) this.changed(userId, before, connections);
  }

  private replace(counts: Map<string, number>): void {
    for (const userId of [...this.counts.keys()]) if (!counts.has(userId)) this.set(userId, 0);
    for (const [userId, connections] of counts) this.set(userId, connections);
  }
}
