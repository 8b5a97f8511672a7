import { ClusterEvents } from '@hubbub/cluster';
import { Drain, Push } from '@hubbub/transport';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Attendance } from './attendance.js';
import { attendanceStore } from './attendance-store.js';
import { DatabaseAttendance } from './database-attendance.js';
import { RoomMembership } from './membership.service.js';

/** Those who have lost their seats come back spread over so many milliseconds. */
const RETURN_SPREAD_MS = 500;

/** Seats last as long as their node is taken for alive: those of a dead one are freed, one that comes back takes its own anew. */
@Injectable()
export class SeatLeases implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly attendance: Attendance,
    private readonly membership: RoomMembership,
    private readonly events: ClusterEvents,
    private readonly drain: Drain,
  ) {}

  onModuleInit(): void {
    const { attendance } = this;
    if (!(attendance instanceof DatabaseAttendance)) return;
    this.events.onNodeRemoved((manager, nodeId) => attendanceStore.freeNode(manager, nodeId));
    // Before there is a lease again: a reading would take the seats for lost.
    this.events.onFenced(() => attendance.retakeAll());
    this.events.onReady(async () => {
      // What is under way may have begun without a lease, and fail.
      await attendance.settled();
      await attendance.settled();
    });
    // His connections come back, and find out for themselves what has become of the room.
    attendance.onLost((roomId, userId) => {
      this.membership.freeKept(roomId, userId);
      for (const connection of this.membership.seat(roomId, userId)?.connections ?? []) {
        connection.send(Push.of('draining', { reconnect_after_ms: Math.round(Math.random() * RETURN_SPREAD_MS) }));
        connection.close('ServiceRestart');
      }
    });
    this.drain.onFlush(() => attendance.settled());
  }

  onApplicationShutdown(): void {
    if (this.attendance instanceof DatabaseAttendance) this.attendance.close();
  }
}
