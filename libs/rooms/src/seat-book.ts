import { HubbubError } from '@hubbub/protocol';
import type { SeatRequest } from './attendance.js';
import type { SeatOp, SeatOutcome, WantedSeat } from './seat-decisions.js';

interface Waiter {
  resolve(joinedAt: number): void;
  reject(error: unknown): void;
}

/** A user's seat at this node, as far as this node knows. */
interface Place {
  readonly roomId: string;
  readonly userId: string;
  wanted: WantedSeat;
  /** Joins under way and members that need it. */
  uses: number;
  /** Whether it is stored, for certain. */
  held: boolean;
  /** Whether it may be stored without being held: nobody knows what became of a transaction. */
  doubtful: boolean;
  joinedAt: number;
  /** Number of the room's change that took it. */
  version: number;
  /** Number of the last change that ended the user's seats. */
  removedAt: number;
  waiters: Waiter[];
  /** Told when what was released is stored. */
  leavers: (() => void)[];
}

/** What is to be stored, at once. */
export type SeatBatch = readonly {
  readonly op: SeatOp;
  readonly place: Place;
  readonly waiters: readonly Waiter[];
  readonly leavers: readonly (() => void)[];
}[];

/**
 * What this node wants of its users' seats, and what it has. Between two batches any number of comings and goings of a
 * user come down to one op, or none. Pure: whoever owns it stores one batch after another.
 */
export class SeatBook {
  private readonly rooms = new Map<string, Map<string, Place>>();
  /** Places that may have something to store. */
  private readonly open = new Set<Place>();

  get hasWork(): boolean {
    return this.open.size > 0;
  }

  /** How much is held: zero once everybody has gone. */
  get size(): number {
    let places = 0;
    for (const room of this.rooms.values()) places += room.size;
    return places;
  }

  take({ roomId, userId, epoch, username, admin }: SeatRequest): number | Promise<number> {
    const place = this.place(roomId, userId, { epoch, username, admin });
    place.uses++;
    // The numbers of a namesake that was deleted say nothing.
    if (place.wanted.epoch !== epoch) Object.assign(place, { held: false, version: 0, removedAt: 0 });
    if (place.held) return place.joinedAt;
    place.wanted = { epoch, username, admin };
    this.open.add(place);
    return new Promise((resolve, reject) => place.waiters.push({ resolve, reject }));
  }

  release(roomId: string, userId: string): void {
    const place = this.rooms.get(roomId)?.get(userId);
    if (place === undefined || place.uses === 0 || --place.uses > 0) return;
    this.open.add(place);
  }

  /** Resolves when the batch with what was just released was settled, or failed. */
  freed(roomId: string, userId: string): Promise<void> | void {
    const place = this.rooms.get(roomId)?.get(userId);
    if (place === undefined || place.uses > 0 || !this.open.has(place)) return;
    return new Promise((resolve) => place.leavers.push(resolve));
  }

  holds(roomId: string, userId: string): boolean {
    return this.rooms.get(roomId)?.get(userId)?.held ?? false;
  }

  removed(roomId: string, userId: string, version: number): boolean {
    const place = this.rooms.get(roomId)?.get(userId);
    if (place === undefined) return false;
    place.removedAt = Math.max(place.removedAt, version);
    if (!place.held || place.version >= version) return false;
    place.held = false;
    return true;
  }

  /** What is to be stored next, at most `limit` ops. Settle it, or fail it, before the next one. */
  next(limit: number): SeatBatch {
    const batch: SeatBatch[number][] = [];
    for (const place of this.open) {
      if (batch.length === limit) break;
      this.open.delete(place);
      const { roomId, userId, wanted } = place;
      const leavers = place.leavers.splice(0);
      if (place.uses > 0 && !place.held) {
        const waiters = place.waiters.splice(0);
        batch.push({ op: { kind: 'take', roomId, userId, wanted }, place, waiters, leavers });
      } else if (place.uses === 0 && (place.held || place.doubtful)) {
        place.held = false;
        batch.push({ op: { kind: 'release', roomId, userId }, place, waiters: [], leavers });
      } else {
        this.forgetUnused(place);
        for (const leave of leavers) leave();
      }
    }
    return batch;
  }

  /** @returns users who need a seat, and have lost it */
  settle(batch: SeatBatch, outcomes: readonly SeatOutcome[]): { readonly roomId: string; readonly userId: string }[] {
    return batch.flatMap(({ op, place, waiters, leavers }, index) => {
      const outcome = outcomes[index] as SeatOutcome;
      place.doubtful = false;
      const isLost = op.kind === 'take' && !this.taken(place, waiters, outcome);
      this.forgetUnused(place);
      for (const leave of leavers) leave();
      return isLost ? [{ roomId: op.roomId, userId: op.userId }] : [];
    });
  }

  /** Nobody knows what of it was stored. Those who wait are told; what is still wanted is tried again. */
  fail(batch: SeatBatch, error: unknown): void {
    for (const { place, waiters, leavers } of batch) {
      place.doubtful = true;
      place.uses -= waiters.length;
      this.open.add(place);
      for (const waiter of waiters) waiter.reject(error);
      for (const leave of leavers) leave();
    }
  }

  /**
   * Compares with what is stored about a room, between two batches.
   * @param stored users with a seat at this node; null if the room is no more
   * @returns users who need a seat, and have lost it
   */
  compare(roomId: string, stored: ReadonlySet<string> | null): string[] {
    const lost: string[] = [];
    for (const place of this.rooms.get(roomId)?.values() ?? []) {
      if (!place.held || stored?.has(place.userId)) continue;
      place.held = false;
      if (place.uses > 0) lost.push(place.userId);
      this.forgetUnused(place);
    }
    // Stored by a transaction of which nobody was told that it was.
    for (const userId of stored ?? []) {
      if (this.rooms.get(roomId)?.has(userId)) continue;
      const place = this.place(roomId, userId, { epoch: '', username: '', admin: false });
      place.doubtful = true;
      this.open.add(place);
    }
    return lost;
  }

  /** All seats of this node were freed: they are taken anew as far as they are needed. */
  retakeAll(): void {
    for (const places of this.rooms.values()) {
      for (const place of places.values()) {
        place.held = false;
        this.open.add(place);
      }
    }
  }

  /** @returns false if somebody needs it and has not got it */
  private taken(place: Place, waiters: readonly Waiter[], outcome: SeatOutcome): boolean {
    if (outcome instanceof HubbubError) {
      place.uses -= waiters.length;
      for (const waiter of waiters) waiter.reject(outcome);
      return place.uses <= place.waiters.length;
    }
    if (place.removedAt > outcome.version) {
      // Kicked by the time that we hear of it: who is joining takes it again, who was in is out.
      place.waiters.unshift(...waiters);
      if (place.waiters.length > 0) this.open.add(place);
      return place.uses <= place.waiters.length;
    }
    place.held = true;
    place.version = outcome.version;
    place.joinedAt = outcome.joinedAt;
    for (const waiter of [...waiters, ...place.waiters.splice(0)]) waiter.resolve(outcome.joinedAt);
    return true;
  }

  private place(roomId: string, userId: string, wanted: WantedSeat): Place {
    let places = this.rooms.get(roomId);
    if (places === undefined) this.rooms.set(roomId, (places = new Map()));
    let place = places.get(userId);
    if (place === undefined) {
      const unknown = { uses: 0, held: false, doubtful: false, joinedAt: 0, version: 0, removedAt: 0 };
      places.set(userId, (place = { roomId, userId, wanted, ...unknown, waiters: [], leavers: [] }));
    }
    return place;
  }

  private forgetUnused(place: Place): void {
    if (place.uses > 0 || place.held || place.doubtful || this.open.has(place)) return;
    const places = this.rooms.get(place.roomId);
    places?.delete(place.userId);
    if (places?.size === 0) this.rooms.delete(place.roomId);
  }
}
