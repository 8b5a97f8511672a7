import type { Database } from '@hubbub/storage';
import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RoomRedactionEntity } from './attendance.entities.js';
import { Attendance, type SeatRequest } from './attendance.js';
import { type AttendanceSnapshot, attendanceStore } from './attendance-store.js';
import { redactionStore } from './redaction-store.js';
import type { RoomInfo } from './room-info.js';
import { roomStore } from './room-store.js';
import { SeatBook } from './seat-book.js';
import type { SeatsChange } from './seat-decisions.js';

/** Most ops of one transaction. */
const BATCH = 500;

export interface DatabaseAttendanceOptions {
  readonly nodeId: string;
  readonly database: Database;
  /** Unix ms, alike on all nodes. */
  readonly now: () => number;
  /**
   * Makes sure that this node is taken for alive until the end of the transaction, as its seats would be freed otherwise.
   * @throws HubbubError ServerError if it is not
   */
  readonly holdLease: (manager: EntityManager) => Promise<void>;
  /** Pause before what the database did not take is tried again, in ms. */
  readonly retryMs: () => number;
}

/** A room as it is stored: its seats and, read no earlier, what it is. */
export interface StoredRoom extends AttendanceSnapshot {
  readonly room: RoomInfo;
  /** Users who need a seat at this node, and have lost it. */
  readonly lost: readonly string[];
  /** What was redacted after the version that was asked for, by version. */
  readonly redactions: ReadonlyMap<number, number>;
}

/** Rooms to be read, each with the version after which its redactions are wanted; null: none are. */
export type Wanted = ReadonlyMap<string, number | null>;

interface Reading {
  readonly wanted: Wanted;
  readonly use: (rooms: ReadonlyMap<string, StoredRoom>) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The seats of a node of several, in the database they share. There is one transaction under way at a time: what is asked
 * for meanwhile goes into the next one together. What the database did not take is tried again until it does, so no seat
 * is left behind.
 */
export class DatabaseAttendance extends Attendance {
  private readonly logger = new Logger('Attendance');
  private readonly book = new SeatBook();
  private readonly readings: Reading[] = [];
  private readonly ended: (() => void)[] = [];
  private running = false;
  private closed = false;
  private isFailing = false;
  private retry: NodeJS.Timeout | undefined;
  private changed: (change: SeatsChange) => void = () => undefined;
  private lost: (roomId: string, userId: string) => void = () => undefined;

  constructor(private readonly options: DatabaseAttendanceOptions) {
    super();
  }

  get nodeId(): string {
    return this.options.nodeId;
  }

  /** How much is held: zero once everybody has gone and that is stored. */
  get size(): number {
    return this.book.size;
  }

  /** Calls `listener` when this node has taken or freed seats, before those who asked are told. */
  onChanged(listener: (change: SeatsChange) => void): void {
    this.changed = listener;
  }

  /** Calls `listener` for users whose seat could not be taken anew by `retakeAll`. */
  onLost(listener: (roomId: string, userId: string) => void): void {
    this.lost = listener;
  }

  override take(request: SeatRequest): number | Promise<number> {
    const taken = this.book.take(request);
    if (typeof taken !== 'number') this.wake();
    return taken;
  }

  override release(roomId: string, userId: string): void {
    this.book.release(roomId, userId);
    this.wake();
  }

  override freed(roomId: string, userId: string): Promise<void> | void {
    return this.closed ? undefined : this.book.freed(roomId, userId);
  }

  override holds(roomId: string, userId: string): boolean {
    return this.book.holds(roomId, userId);
  }

  override removed(roomId: string, userId: string, version: number): boolean {
    return this.book.removed(roomId, userId, version);
  }

  override create(
    manager: EntityManager,
    { id, epoch }: { readonly id: string; readonly epoch: string },
  ): Promise<void> {
    return attendanceStore.create(manager, id, epoch);
  }

  override remove(manager: EntityManager, roomId: string): Promise<void> {
    return attendanceStore.remove(manager, roomId);
  }

  override raise(manager: EntityManager, roomId: string): Promise<number> {
    return attendanceStore.raise(manager, roomId);
  }

  override async redact(manager: EntityManager, roomId: string, seq: number): Promise<number> {
    const version = await attendanceStore.raise(manager, roomId);
    const redaction = { roomId, version, seq, redactedAt: this.options.now() };
    if (version > 0) await redactionStore.keep(manager, redaction);
    return version;
  }

  override unseat(manager: EntityManager, roomId: string, userId: string): Promise<boolean> {
    return attendanceStore.unseat(manager, roomId, userId);
  }

  /**
   * Calls `use` with rooms as they are stored, those that are no more left out, at a moment when no op of this node is
   * under way: what is wanted and not stored yet comes after it.
   * @throws HubbubError ServerError, also while this node is taken for dead
   */
  read(wanted: Wanted, use: (rooms: ReadonlyMap<string, StoredRoom>) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.readings.push({ wanted, use, resolve, reject });
      this.wake();
    });
  }

  /** All seats of this node were freed as it was taken for dead: those that are needed are taken anew. */
  retakeAll(): void {
    this.book.retakeAll();
  }

  /** Resolves when what was asked for is stored, or the database does not take it now. */
  settled(): Promise<void> {
    if (this.closed || (!this.running && !this.book.hasWork)) return Promise.resolve();
    this.wake();
    return new Promise((resolve) => this.ended.push(resolve));
  }

  /** Nothing is stored from now on. */
  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
  }

  private wake(): void {
    if (this.running || this.closed) return;
    this.running = true;
    clearTimeout(this.retry);
    // What is asked for in the same turn goes together.
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    let isTaken = true;
    while (isTaken && !this.closed && (this.readings.length > 0 || this.book.hasWork)) {
      for (const reading of this.readings.splice(0)) await this.readNow(reading);
      isTaken = await this.storeNext();
    }
    this.running = false;
    for (const resolve of this.ended.splice(0)) resolve();
    if (!isTaken && !this.closed) this.retry = setTimeout(() => this.wake(), this.options.retryMs()).unref();
  }

  private async readNow({ wanted, use, resolve, reject }: Reading): Promise<void> {
    const { database, holdLease } = this.options;
    const roomIds = [...wanted.keys()];
    const after = new Map([...wanted].filter((entry): entry is [string, number] => entry[1] !== null));
    try {
      const { seats, redactions, rooms } = await database.transaction(async (manager) => {
        // Had this node's seats been freed with its lease, that would look as if everybody had been kicked.
        await holdLease(manager);
        return {
          seats: await attendanceStore.snapshots(manager, roomIds),
          redactions: await redactionStore.after(manager, after),
          // Last: a room that is the same still was so in between.
          rooms: await roomStore.findAll(manager, roomIds),
        };
      });
      use(this.compare(roomIds, seats, redactions, rooms));
      resolve();
    } catch (error) {
      reject(error);
    }
  }

  private compare(
    roomIds: readonly string[],
    seats: readonly AttendanceSnapshot[],
    redacted: readonly RoomRedactionEntity[],
    rooms: readonly RoomInfo[],
  ): ReadonlyMap<string, StoredRoom> {
    const infos = new Map(rooms.map((room) => [room.id, room]));
    const stored = new Map<string, StoredRoom>();
    const snapshots = new Map(seats.map((snapshot) => [snapshot.roomId, snapshot]));
    for (const roomId of roomIds) {
      const snapshot = snapshots.get(roomId);
      const room = infos.get(roomId);
      // Deleted, or made again, between the two reads.
      const isThere = snapshot !== undefined && room?.epoch === snapshot.epoch;
      const own = snapshot?.seats.filter(({ nodeId }) => nodeId === this.options.nodeId).map(({ userId }) => userId);
      const lost = this.book.compare(roomId, own === undefined ? null : new Set(own));
      if (!isThere) continue;
      // One that came after the seats were read is for the next reading.
      const due = redacted.filter((each) => each.roomId === roomId && each.version <= snapshot.version);
      const redactions = new Map(due.map(({ version, seq }) => [version, seq]));
      stored.set(roomId, { ...snapshot, room, lost, redactions });
    }
    return stored;
  }

  /** @returns false if the database did not take it: then it is tried again after a while */
  private async storeNext(): Promise<boolean> {
    const batch = this.book.next(BATCH);
    if (batch.length === 0) return true;
    const { nodeId, database, now, holdLease } = this.options;
    try {
      const { outcomes, changes } = await database.transaction(async (manager) => {
        // A seat that was taken after that would be nobody's to free.
        await holdLease(manager);
        return attendanceStore.settle(
          manager,
          nodeId,
          batch.map(({ op }) => op),
          now(),
        );
      });
      this.isFailing = false;
      for (const change of changes) this.changed(change);
      for (const { roomId, userId } of this.book.settle(batch, outcomes)) this.lost(roomId, userId);
      return true;
    } catch (error) {
      this.book.fail(batch, error);
      if (!this.isFailing) this.logger.warn({ msg: 'seats not stored, trying again', err: error });
      this.isFailing = true;
      return false;
    }
  }
}
