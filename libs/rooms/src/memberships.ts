/** A user's place in a room. It is taken with his first connection and free again with his last. */
export interface Seat<C> {
  readonly roomId: string;
  readonly userId: string;
  readonly username: string;
  /** Unix ms. */
  readonly joinedAt: number;
  /** Those in the room now. Empty while only the grace keeps the seat. */
  readonly connections: ReadonlySet<C>;
}

interface OwnSeat<C> extends Seat<C> {
  readonly connections: Set<C>;
  /** Until when a connection that was lost keeps the seat, Unix ms; 0 = none does. */
  keptUntil: number;
}

/** What the end of a connection's membership did. */
export interface Departure<C> {
  readonly seat: Seat<C>;
  /** Whether the user has left with it, and the seat is free. */
  readonly left: boolean;
}

export type Seating<C> = { readonly seat: Seat<C>; readonly first: boolean } | 'already';

const NO_ROOMS: ReadonlySet<string> = new Set();

/**
 * Who sits where on this node: seats by user, each with any number of his connections. No timers: the owner asks for
 * `nextExpiry` and calls `expire`. Nothing is kept for a room, user or connection without a seat.
 */
export class Memberships<C extends object> {
  private readonly rooms = new Map<string, Map<string, OwnSeat<C>>>();
  private readonly users = new Map<string, Set<string>>();
  private readonly connections = new Map<C, Map<string, OwnSeat<C>>>();
  private taken = 0;
  /** Seats without a connection, in the order in which they were lost. */
  private readonly kept = new Set<OwnSeat<C>>();

  /**
   * Seats `connection` of a user.
   * @param joinedAt since when he is in the room, Unix ms. Not looked at for one who has a seat
   * @returns `already` if this connection is in the room; `first` unless the user had a seat
   */
  join(roomId: string, connection: C, user: { userId: string; username: string }, joinedAt: number): Seating<C> {
    let seats = this.rooms.get(roomId);
    let seat = seats?.get(user.userId);
    if (seat?.connections.has(connection)) return 'already';
    const first = seat === undefined;
    if (seat === undefined) {
      seat = { roomId, ...pick(user), joinedAt, connections: new Set(), keptUntil: 0 };
      if (seats === undefined) this.rooms.set(roomId, (seats = new Map()));
      seats.set(user.userId, seat);
      this.taken++;
      const rooms = this.users.get(user.userId);
      if (rooms) rooms.add(roomId);
      else this.users.set(user.userId, new Set([roomId]));
    }
    seat.connections.add(connection);
    // He is back: what he lost before no longer holds the seat, or a clean leave right after would not be one.
    seat.keptUntil = 0;
    this.kept.delete(seat);
    const own = this.connections.get(connection);
    if (own) own.set(roomId, seat);
    else this.connections.set(connection, new Map([[roomId, seat]]));
    return { seat, first };
  }

  /** Ends one membership of a connection; null if it is not in the room. */
  leave(roomId: string, connection: C, now: number): Departure<C> | null {
    const seat = this.connections.get(connection)?.get(roomId);
    return seat === undefined ? null : this.depart(seat, connection, now);
  }

  /**
   * Ends all memberships of a connection.
   * @param keepMs how long its seats are kept, in ms, because it was lost without a goodbye; 0 = not at all
   */
  end(connection: C, now: number, keepMs: number): Departure<C>[] {
    const own = this.connections.get(connection);
    if (own === undefined) return [];
    return [...own.values()].map((seat) => {
      if (keepMs > 0) seat.keptUntil = now + keepMs;
      return this.depart(seat, connection, now);
    });
  }

  private depart(seat: OwnSeat<C>, connection: C, now: number): Departure<C> {
    this.detach(seat, connection);
    seat.connections.delete(connection);
    if (seat.connections.size > 0) return { seat, left: false };
    if (seat.keptUntil > now) {
      this.kept.add(seat);
      return { seat, left: false };
    }
    this.free(seat);
    return { seat, left: true };
  }

  /** Frees the seats whose grace has passed, and returns them. */
  expire(now: number): Seat<C>[] {
    const freed: Seat<C>[] = [];
    for (const seat of this.kept) {
      if (seat.keptUntil > now) continue;
      this.free(seat);
      freed.push(seat);
    }
    return freed;
  }

  /** Frees a seat that only the grace keeps; null if the user has none, or is there. */
  freeKept(roomId: string, userId: string): Seat<C> | null {
    const seat = this.rooms.get(roomId)?.get(userId);
    if (seat === undefined || !this.kept.has(seat)) return null;
    this.free(seat);
    return seat;
  }

  /** When `expire` next has something to do, Unix ms; undefined if never. */
  get nextExpiry(): number | undefined {
    let next: number | undefined;
    for (const seat of this.kept) if (next === undefined || seat.keptUntil < next) next = seat.keptUntil;
    return next;
  }

  /** Takes a user out of a room, with all his connections there; null if he has no seat. The seat still lists them. */
  removeUser(roomId: string, userId: string): Seat<C> | null {
    const seat = this.rooms.get(roomId)?.get(userId);
    if (seat === undefined) return null;
    for (const connection of seat.connections) this.detach(seat, connection);
    this.free(seat);
    return seat;
  }

  /** Takes everybody out of a room. */
  removeRoom(roomId: string): Seat<C>[] {
    const seats = [...(this.rooms.get(roomId)?.values() ?? [])];
    for (const seat of seats) this.removeUser(roomId, seat.userId);
    return seats;
  }

  has(roomId: string, connection: C): boolean {
    return this.connections.get(connection)?.has(roomId) ?? false;
  }

  seat(roomId: string, userId: string): Seat<C> | undefined {
    return this.rooms.get(roomId)?.get(userId);
  }

  /** Users with a seat, those kept by the grace included. */
  count(roomId: string): number {
    return this.rooms.get(roomId)?.size ?? 0;
  }

  /** Seats in all rooms. */
  get seatCount(): number {
    return this.taken;
  }

  seats(roomId: string): Iterable<Seat<C>> {
    return this.rooms.get(roomId)?.values() ?? [];
  }

  /** Ids of the rooms in which somebody has a seat. */
  roomIds(): Iterable<string> {
    return this.rooms.keys();
  }

  roomsOf(userId: string): ReadonlySet<string> {
    return this.users.get(userId) ?? NO_ROOMS;
  }

  roomCountOf(connection: C): number {
    return this.connections.get(connection)?.size ?? 0;
  }

  roomsOfConnection(connection: C): Iterable<string> {
    return this.connections.get(connection)?.keys() ?? [];
  }

  /** How much is held: all zero once everybody has gone. */
  get size(): { rooms: number; users: number; connections: number; kept: number } {
    return {
      rooms: this.rooms.size,
      users: this.users.size,
      connections: this.connections.size,
      kept: this.kept.size,
    };
  }

  private detach(seat: OwnSeat<C>, connection: C): void {
    const own = this.connections.get(connection);
    if (own === undefined) return;
    own.delete(seat.roomId);
    if (own.size === 0) this.connections.delete(connection);
  }

  private free(seat: OwnSeat<C>): void {
    this.kept.delete(seat);
    const seats = this.rooms.get(seat.roomId);
    if (seats?.delete(seat.userId)) this.taken--;
    if (seats?.size === 0) this.rooms.delete(seat.roomId);
    const rooms = this.users.get(seat.userId);
    rooms?.delete(seat.roomId);
    if (rooms?.size === 0) this.users.delete(seat.userId);
  }
}

/** Only the two fields: callers hand in whole identities, which a seat must not keep alive. */
function pick(user: { userId: string; username: string }): { userId: string; username: string } {
  return { userId: user.userId, username: user.username };
}
