/** How often something is said again: what the bus lost once, it seldom loses four times. */
const REPEATS = 3;

/**
 * What other nodes are to be told about members, and to be told again as nobody knows who heard it. What is said is what
 * is true by then, so many changes cost no more than one. Pure.
 */
export class PendingNews {
  private readonly first = new Map<string, Set<string>>();
  /** How often users of a room are still to be told of again. */
  private readonly repeats = new Map<string, Map<string, number>>();

  mark(roomId: string, userId: string): void {
    const users = this.first.get(roomId);
    if (users) users.add(userId);
    else this.first.set(roomId, new Set([userId]));
  }

  /** Nothing more is to be said of the user in this room; without one, of the whole room. */
  drop(roomId: string, userId?: string): void {
    for (const rooms of [this.first, this.repeats]) {
      const users = rooms.get(roomId);
      if (userId !== undefined) users?.delete(userId);
      if (userId === undefined || users?.size === 0) rooms.delete(roomId);
    }
  }

  get hasFresh(): boolean {
    return this.first.size > 0;
  }

  get hasRepeats(): boolean {
    return this.repeats.size > 0;
  }

  /** Whom to tell of for the first time. */
  fresh(): Map<string, string[]> {
    const due = new Map<string, string[]>();
    for (const [roomId, users] of this.first) {
      due.set(roomId, [...users]);
      let repeats = this.repeats.get(roomId);
      if (repeats === undefined) this.repeats.set(roomId, (repeats = new Map()));
      for (const userId of users) repeats.set(userId, REPEATS);
    }
    this.first.clear();
    return due;
  }

  /** Whom to tell of again. */
  again(): Map<string, string[]> {
    const due = new Map<string, string[]>();
    for (const [roomId, users] of this.repeats) {
      due.set(roomId, [...users.keys()]);
      for (const [userId, left] of users) {
        if (left > 1) users.set(userId, left - 1);
        else users.delete(userId);
      }
      if (users.size === 0) this.repeats.delete(roomId);
    }
    return due;
  }
}
