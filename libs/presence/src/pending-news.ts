/** Users by room. */
export type UsersByRoom = ReadonlyMap<string, readonly string[]>;

/**
 * What other nodes are to be told about members: all at once, and then each by itself until it has confirmed. What is said
 * is what is true by then, so many changes cost no more than one. Pure.
 */
export class PendingNews {
  private readonly untold = new Map<string, Set<string>>();
  private readonly told = new Map<string, Set<string>>();
  /** By the node that has not confirmed. */
  private readonly unconfirmed = new Map<string, Map<string, Set<string>>>();

  mark(roomId: string, userId: string): void {
    add(this.untold, roomId, [userId]);
  }

  /** Nothing more is to be said of the user in this room; without one, of the whole room. */
  drop(roomId: string, userId?: string): void {
    for (const rooms of [this.untold, this.told, ...this.unconfirmed.values()]) {
      const users = rooms.get(roomId);
      if (userId !== undefined) users?.delete(userId);
      if (userId === undefined || users?.size === 0) rooms.delete(roomId);
    }
  }

  get hasUntold(): boolean {
    return this.untold.size > 0;
  }

  /** Whether there is anything that somebody may not have heard. */
  get isEmpty(): boolean {
    return this.untold.size + this.told.size + this.unconfirmed.size === 0;
  }

  /** Whom to tell all of, for the first time. */
  tell(): UsersByRoom {
    const due = listed(this.untold);
    for (const [roomId, users] of due) add(this.told, roomId, users);
    this.untold.clear();
    return due;
  }

  /**
   * Who has to confirm what was told.
   * @param nodesOf the nodes that follow a room
   */
  audience(nodesOf: (roomId: string) => Iterable<string>): string[] {
    for (const [roomId, users] of this.told) {
      for (const nodeId of nodesOf(roomId)) this.putBack(nodeId, new Map([[roomId, [...users]]]));
    }
    this.told.clear();
    return [...this.unconfirmed.keys()];
  }

  /** What to say to a node, about so many members at most; put it back unless it confirms. */
  take(nodeId: string, limit: number): UsersByRoom {
    const rooms = this.unconfirmed.get(nodeId) ?? new Map<string, Set<string>>();
    const due = new Map<string, string[]>();
    let left = limit;
    for (const [roomId, users] of rooms) {
      if (left === 0) break;
      const taken = [...users].slice(0, left);
      left -= taken.length;
      due.set(roomId, taken);
      for (const userId of taken) users.delete(userId);
      if (users.size === 0) rooms.delete(roomId);
    }
    if (rooms.size === 0) this.unconfirmed.delete(nodeId);
    return due;
  }

  putBack(nodeId: string, due: UsersByRoom): void {
    let rooms = this.unconfirmed.get(nodeId);
    if (rooms === undefined) this.unconfirmed.set(nodeId, (rooms = new Map()));
    for (const [roomId, users] of due) add(rooms, roomId, users);
  }

  /** The node has gone. */
  forget(nodeId: string): void {
    this.unconfirmed.delete(nodeId);
  }
}

function add(rooms: Map<string, Set<string>>, roomId: string, userIds: Iterable<string>): void {
  const users = rooms.get(roomId);
  if (users === undefined) rooms.set(roomId, new Set(userIds));
  else for (const userId of userIds) users.add(userId);
}

function listed(rooms: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string[]> {
  return new Map(Array.from(rooms, ([roomId, users]) => [roomId, [...users]]));
}
