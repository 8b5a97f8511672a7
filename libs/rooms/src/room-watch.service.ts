import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { Database } from '@hubbub/storage';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { FollowedRooms } from './followed-rooms.js';
import { RoomFollowing } from './room-following.service.js';
import { versionStore } from './version-store.js';

/**
 * Asks the database every `cluster.repair_ms` which of the rooms that have members here are not where they are known to be,
 * so that a change is noticed whatever the bus has lost: asking needs no bus. Sooner when the bus or a node was lost.
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
    if (this.rooms.size === 0) return;
    try {
      const differing = await this.database.read((manager) => versionStore.differing(manager, this.rooms.versions()));
      for (const [roomId, stored] of differing) this.following.expect(roomId, stored);
    } catch {
      // The next look is soon.
    }
  }
}
