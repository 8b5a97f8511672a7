/** A user and how many connections he has at the node that says so; 0 = none any more. */
export type UserCount = readonly [userId: string, connections: number];

/** Users in one diff or page: with the longest ids there are, well below what a bus carries. */
export const USERS_A_PAGE = 1000;

/** What has changed at a node, as its `number`-th change; without users: that this is its latest. */
export interface UsersDiff {
  readonly number: number;
  readonly users?: readonly UserCount[];
}

/** Part of all users of a node. What changed after `number` may be in it or not: it comes as a diff too. */
export interface UsersPage {
  readonly number: number;
  readonly pages: number;
  readonly users: readonly UserCount[];
}

interface Entry {
  readonly slot: number;
  connections: number;
}

/** The users of this node as it tells the others of them: changes, numbered, and pages for who missed some. Pure. */
export class OwnUsers {
  private latest = 0;
  private readonly entries = new Map<string, Entry>();
  /** Where a user is for as long as he is there, so that a page is found at once and none is moved to another meanwhile. */
  private readonly slots: (string | null)[] = [];
  private readonly free: number[] = [];
  private readonly changed = new Set<string>();

  get size(): number {
    return this.entries.size;
  }

  /** The number of the latest diff. */
  get number(): number {
    return this.latest;
  }

  has(userId: string): boolean {
    return this.entries.has(userId);
  }

  /** @returns whether it changes anything */
  set(userId: string, connections: number): boolean {
    const entry = this.entries.get(userId);
    if ((entry?.connections ?? 0) === connections) return false;
    if (entry === undefined) this.add(userId, connections);
    else if (connections > 0) entry.connections = connections;
    else this.remove(userId, entry.slot);
    this.changed.add(userId);
    return true;
  }

  /** What has changed since the last call. */
  diffs(): UsersDiff[] {
    const users = Array.from(this.changed, (userId) => this.countOf(userId));
    this.changed.clear();
    const diffs: UsersDiff[] = [];
    for (let at = 0; at < users.length; at += USERS_A_PAGE) {
      diffs.push({ number: ++this.latest, users: users.slice(at, at + USERS_A_PAGE) });
    }
    return diffs;
  }

  page(index: number): UsersPage {
    const slots = this.slots.slice(index * USERS_A_PAGE, (index + 1) * USERS_A_PAGE);
    const users = slots.filter((userId) => userId !== null).map((userId) => this.countOf(userId));
    return { number: this.latest, pages: Math.max(1, Math.ceil(this.slots.length / USERS_A_PAGE)), users };
  }

  private countOf(userId: string): UserCount {
    return [userId, this.entries.get(userId)?.connections ?? 0];
  }

  private add(userId: string, connections: number): void {
    const slot = this.free.pop() ?? this.slots.length;
    this.slots[slot] = userId;
    this.entries.set(userId, { slot, connections });
  }

  private remove(userId: string, slot: number): void {
    this.entries.delete(userId);
    this.slots[slot] = null;
    this.free.push(slot);
  }
}
