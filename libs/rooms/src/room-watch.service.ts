import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { Database } from '@hubbub/storage';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { attendanceStore } from './attendance-store.js';
import { FollowedRooms } from './followed-rooms.js';
import { RoomFollowing } from './room-following.service.js';

/**
 * Looks every `cluster.repair_ms` how far the rooms that have members here are, in one query, so that a change is noticed
 * whatever the bus has lost: asking needs no bus. Sooner when the bus or a node was lost.
 */
@Injectable()
export class RoomWatch implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly bus: Bus,
    private readonly config: HubbubConfig,
    private readonly database: Database,
    private readonly rooms: FollowedRooms,
    private readonly following: RoomFollowing,
  ) {}

  onModuleInit(): void {
    if (!this.node.clustered) return;
    this.bus.onReconnect(() => void this.look());
    this.nodes.onGone(() => void this.look());
    this.wait();
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private wait(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.look().finally(() => this.wait()), this.config.cluster.repairMs);
    this.timer.unref();
  }

  /** Never rejects: while the database is away there is nothing to make good either. */
  private async look(): Promise<void> {
    const roomIds = this.rooms.ids();
    if (roomIds.length === 0) return;
    try {
      const found = await this.database.read((manager) => attendanceStore.versions(manager, roomIds));
      const stored = new Map(found.map((row) => [row.roomId, row]));
      for (const roomId of roomIds) this.following.expect(roomId, stored.get(roomId) ?? null);
    } catch {
      // The next look is soon.
    }
  }
}
