/** Numbers that a channel knows to exist and has not got: all of `after < seq <= upTo`. */
export interface Hole {
  readonly after: number;
  readonly upTo: number;
}

/**
 * What became of an offer. `waiting`: it follows once the numbers before it are there. `repeat`: it was there already.
 * `dropped`: too many are waiting; the hole includes it, so the log will bring it.
 */
export type Offered = 'delivered' | 'waiting' | 'repeat' | 'dropped';

/** Called once an item for all who get it now. `seq` is null for what has no number. Must not keep `members`. */
export type Deliver<M, T> = (item: T, seq: number | null, members: Iterable<M>) => void;

export interface OrderedChannelOptions {
  /** Highest number that is past already. Without it the channel keeps everything waiting until `start`. */
  readonly head?: number;
  /** Most items kept behind a hole. @default 1024 */
  readonly maxWaiting?: number;
}

interface Emission<T> {
  readonly item: T;
  readonly seq: number | null;
}

/** A member that is held: owed what was kept from `start` on, of numbers above `head`. */
interface Hold {
  readonly start: number;
  readonly head: number;
}

/** In place of a map that most channels never need, of which there is one a user: read, and never written. */
const NONE = new Map<never, never>();

/** Held items are forgotten in portions, as each moves the whole list. */
const TRIM_AT_LEAST = 256;

/**
 * Hands numbered items to its members strictly in order, each once, whatever order and however often they are offered.
 *
 * A member joins *at a head*: what it was told covers everything up to there, and from then on it is held, so that nothing
 * overtakes the answer which tells it. `release` gives it what came meanwhile and makes it one of the many.
 *
 * Pure: no timers, no I/O. When to fill a hole, and from where, is the owner's business. Calls from within `deliver` are fine:
 * they take effect after the item being delivered. An error that `deliver` throws comes out of the call that caused the
 * delivery, after everything due was delivered.
 */
export class OrderedChannel<M, T> {
  private readonly live = new Set<M>();
  private holds: Map<M, Hold> = NONE;
  /** What was delivered while anyone was held. Shared by all of them, and empty most of the time. */
  private held: Emission<T>[] = [];
  /** Place of `held[0]` in all that was ever held. */
  private heldFrom = 0;
  /** Length of `held` from which it is worth a look what nobody is owed any more. */
  private trimAt = TRIM_AT_LEAST;
  /** While a released member is given what was held: place of what follows the item being delivered. */
  private next: number | null = null;
  private waiting: Map<number, T> = NONE;
  private readonly maxWaiting: number;
  /** Deliveries that are due, and releases among them at their places. */
  private readonly steps: (Emission<T> | (() => void))[] = [];
  private readonly awaited: { readonly seq: number; readonly reached: () => void }[] = [];
  private running = false;
  /** `deliver` is at work: whatever it calls takes effect after it. */
  private delivering = false;
  private readonly errors: unknown[] = [];
  private position: number | null;
  /** Highest number heard of. */
  private heard = 0;

  constructor(
    private readonly deliver: Deliver<M, T>,
    options: OrderedChannelOptions = {},
  ) {
    this.position = options.head ?? null;
    this.maxWaiting = options.maxWaiting ?? 1024;
  }

  /** Highest number delivered, or past at the start; 0 before `start`. */
  get head(): number {
    return this.position ?? 0;
  }

  get started(): boolean {
    return this.position !== null;
  }

  /** Members, held ones included. */
  get size(): number {
    return this.live.size + this.holds.size;
  }

  has(member: M): boolean {
    return this.live.has(member) || this.holds.has(member);
  }

  /** Every member, held ones included. */
  *members(): IterableIterator<M> {
    yield* this.live;
    yield* this.holds.keys();
  }

  /**
   * Says what is past already; what was offered above it is delivered now. A second call changes nothing.
   * @returns what was offered and is past: nobody gets it
   */
  start(head: number): T[] {
    if (this.position !== null) return [];
    this.position = head;
    const past: T[] = [];
    for (const [seq, item] of this.waiting) {
      if (seq > head) continue;
      this.waiting.delete(seq);
      past.push(item);
    }
    this.advance();
    this.run();
    return past;
  }

  /** Takes the item with number `seq` (from 1) for delivery in its turn. */
  offer(seq: number, item: T): Offered {
    if (seq > this.heard) this.heard = seq;
    if (this.position === null || seq > this.position + 1) return this.keep(seq, item);
    if (seq <= this.position) return 'repeat';
    this.position = seq;
    this.steps.push({ item, seq });
    if (this.waiting.size > 0) this.advance();
    this.run();
    return 'delivered';
  }

  /** Delivers an item without a number now, wherever the numbers stand. Held members get it in its place. */
  pass(item: T): void {
    this.steps.push({ item, seq: null });
    this.run();
  }

  /** Whether anything is missing. */
  get isBehind(): boolean {
    return this.position !== null && this.heard > this.position;
  }

  /** Calls `reached` once everything up to `seq` has been delivered or given up; at once where it has. */
  whenReached(seq: number, reached: () => void): void {
    this.awaited.push({ seq, reached });
    this.run();
  }

  /** Nothing more will come: calls everybody who waits for a number. */
  giveUp(): void {
    for (const { reached } of this.awaited.splice(0)) reached();
  }

  /** What is missing now: read it from the log and `offer` it, then ask again. */
  hole(): Hole | null {
    if (this.position === null || this.heard <= this.position) return null;
    let upTo = this.heard;
    for (const seq of this.waiting.keys()) if (seq <= upTo) upTo = seq - 1;
    return { after: this.position, upTo };
  }

  /** Learns that `seq` exists without having it, so that `hole` asks for it. */
  expect(seq: number): void {
    if (seq > this.heard) this.heard = seq;
  }

  /** Gives up what is missing up to `seq`: the log does not keep it any more. What waits up to there is delivered. */
  skip(seq: number): void {
    if (this.position === null) return;
    const kept = [...this.waiting.keys()].filter((each) => each <= seq).sort((a, b) => a - b);
    for (const each of kept) {
      this.steps.push({ item: this.waiting.get(each) as T, seq: each });
      this.waiting.delete(each);
    }
    if (seq > this.position) this.position = seq;
    this.advance();
    this.run();
  }

  /**
   * Adds a member, held. It is owed everything above the head that is returned.
   * A member already: nothing changes.
   */
  join(member: M): number {
    if (!this.has(member)) this.keepBack(member, { start: this.heldFrom + this.held.length, head: this.head });
    return this.head;
  }

  /** As `join` with `release` at once: for a member that knows the head already, or holds back what follows itself. */
  enter(member: M): number {
    if (!this.running && !this.has(member)) {
      this.live.add(member);
      return this.head;
    }
    const head = this.join(member);
    this.release(member);
    return head;
  }

  /**
   * Gives a held member what came since it joined, and makes it one of the many.
   * @param from highest number that it has otherwise; by default the head it joined at
   */
  release(member: M, from = 0): void {
    // Held back from what is due, and released by one whose number was reached: the next answer may leave before this turn ends.
    const isBetween = this.running && !this.delivering && this.holds.get(member)?.head === 0;
    if (isBetween) return this.releaseNow(member, from);
    this.steps.push(() => this.releaseNow(member, from));
    this.run();
  }

  /**
   * Keeps back from a member what follows the item that is being delivered to it, until `release`. Only from within
   * `deliver`, for one of those that it was called with.
   */
  hold(member: M): void {
    if (!this.has(member)) return;
    this.live.delete(member);
    this.keepBack(member, { start: this.next ?? this.heldFrom + this.held.length, head: 0 });
  }

  /** Ends a membership; what the member was held for is forgotten. */
  leave(member: M): void {
    if (!this.live.delete(member) && this.holds.delete(member)) this.trimHeld();
  }

  private keepBack(member: M, hold: Hold): void {
    if (this.holds === NONE) this.holds = new Map();
    this.holds.set(member, hold);
  }

  private keep(seq: number, item: T): Offered {
    if (this.waiting.has(seq)) return 'repeat';
    if (this.waiting.size >= this.maxWaiting) return 'dropped';
    if (this.waiting === NONE) this.waiting = new Map();
    this.waiting.set(seq, item);
    return 'waiting';
  }

  /** Moves what waits just above the head to what is due. */
  private advance(): void {
    while (this.position !== null && this.waiting.has(this.position + 1)) {
      const seq = ++this.position;
      this.steps.push({ item: this.waiting.get(seq) as T, seq });
      this.waiting.delete(seq);
    }
  }

  private run(): void {
    if (this.running) return;
    this.running = true;
    do {
      for (let step = this.steps.shift(); step !== undefined; step = this.steps.shift()) {
        if (typeof step === 'function') step();
        else this.emit(step);
      }
    } while (this.awaited.length > 0 && this.wake());
    this.running = false;
    if (this.errors.length > 0) throw this.errors.splice(0)[0];
  }

  /** Calls those whose number has been reached: everything that is due has been delivered. @returns whether there were any */
  private wake(): boolean {
    const due = this.awaited.filter(({ seq }) => seq <= this.head);
    if (due.length === 0) return false;
    const later = this.awaited.filter(({ seq }) => seq > this.head);
    this.awaited.splice(0, Number.POSITIVE_INFINITY, ...later);
    for (const { reached } of due) {
      try {
        reached();
      } catch (error) {
        this.errors.push(error);
      }
    }
    return true;
  }

  private emit(emission: Emission<T>): void {
    if (this.holds.size > 0) this.held.push(emission);
    this.attempt(emission, this.live);
  }

  private attempt({ item, seq }: Emission<T>, members: Iterable<M>): void {
    this.delivering = true;
    try {
      this.deliver(item, seq, members);
    } catch (error) {
      this.errors.push(error);
    }
    this.delivering = false;
  }

  private releaseNow(member: M, from: number): void {
    const hold = this.holds.get(member);
    if (hold === undefined) return;
    const above = Math.max(from, hold.head);
    for (let at = hold.start; at < this.heldFrom + this.held.length; at++) {
      const emission = this.held[at - this.heldFrom] as Emission<T>;
      this.next = at + 1;
      if (emission.seq === null || emission.seq > above) this.attempt(emission, [member]);
      this.next = null;
      // A delivery may end the membership, end it and begin another, or hold it again.
      if (this.holds.get(member) !== hold) return;
    }
    this.holds.delete(member);
    this.live.add(member);
    this.trimHeld();
  }

  /** Forgets what no held member is owed: in a busy room somebody is always joining. */
  private trimHeld(): void {
    if (this.holds.size > 0 && this.held.length < this.trimAt) return;
    let oldest = this.heldFrom + this.held.length;
    for (const { start } of this.holds.values()) if (start < oldest) oldest = start;
    this.held.splice(0, oldest - this.heldFrom);
    this.heldFrom = oldest;
    this.trimAt = this.held.length + TRIM_AT_LEAST;
  }
}
