import type { EntityManager } from 'typeorm';
import { Attendance, type SeatRequest } from './attendance.js';
import { attendanceStore } from './attendance-store.js';
import { enforce } from './condition.js';
import { CAPACITY } from './places.js';

interface LocalSeat {
  uses: number;
  readonly joinedAt: number;
}

/** The seats of a lone node, in memory: nobody else could take one. */
export class LocalAttendance extends Attendance {
  private readonly rooms = new Map<string, Map<string, LocalSeat>>();

  override take({ roomId, userId, maxClients }: SeatRequest): number {
    let seats = this.rooms.get(roomId);
    let seat = seats?.get(userId);
    if (seat === undefined) {
      enforce(CAPACITY, { members: seats?.size ?? 0, maxClients, isMember: false });
      if (seats === undefined) this.rooms.set(roomId, (seats = new Map()));
      seats.set(userId, (seat = { uses: 0, joinedAt: Date.now() }));
    }
    seat.uses++;
    return seat.joinedAt;
  }

  override release(roomId: string, userId: string): void {
    const seats = this.rooms.get(roomId);
    const seat = seats?.get(userId);
    if (seats === undefined || seat === undefined || --seat.uses > 0) return;
    seats.delete(userId);
    if (seats.size === 0) this.rooms.delete(roomId);
  }

  override freed(): void {}

  override holds(roomId: string, userId: string): boolean {
    return this.rooms.get(roomId)?.has(userId) ?? false;
  }

  /** Whoever learns of it here ends the memberships, and so the uses, in the same turn. */
  override removed(roomId: string, userId: string): boolean {
    return this.holds(roomId, userId);
  }

  // Stored all the same: the node may be one of several after its next start.
  override create(
    manager: EntityManager,
    { id, epoch }: { readonly id: string; readonly epoch: string },
  ): Promise<void> {
    return attendanceStore.create(manager, id, epoch);
  }

  override remove(manager: EntityManager, roomId: string): Promise<void> {
    return attendanceStore.remove(manager, roomId);
  }

  override async raise(): Promise<number> {
    return 0;
  }

  override async redact(): Promise<number> {
    return 0;
  }

  override async unseat(_manager: EntityManager, roomId: string, userId: string): Promise<boolean> {
    return this.holds(roomId, userId);
  }
}
