import { NodeInfo } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { isHubbubError } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from './clock.js';
import { refreshTokenStore } from './refresh-token-store.js';
import { Revocations } from './revocations.service.js';

const PRUNE_EVERY_MS = 3_600_000;
/** Rows a transaction: other writes wait no longer than that takes. */
const BATCH = 500;

/** Removes what has expired from the database, and reads revocations of other nodes that the bus may have lost. */
@Injectable()
export class Housekeeping implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Housekeeping.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly chores: (() => Promise<void>)[] = [];

  constructor(
    private readonly config: HubbubConfig,
    private readonly node: NodeInfo,
    private readonly events: ClusterEvents,
    private readonly database: Database,
    private readonly revocations: Revocations,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.every(PRUNE_EVERY_MS, () => this.prune());
    // All revocations of a lone node are its own.
    if (!this.node.clustered) return;
    this.every(this.config.cluster.repairMs, () => this.revocations.sync());
    // Whom the others took for dead they told nothing: it reads what it missed before it serves anybody again.
    this.events.onFenced(() => this.revocations.sync());
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Calls `chore` whenever things are pruned, about once an hour; what it throws is logged. */
  also(chore: () => Promise<void>): void {
    this.chores.push(chore);
  }

  async prune(): Promise<void> {
    for (const chore of this.chores) await chore();
    await this.revocations.prune();
    let removed: number;
    do {
      removed = await this.database.transaction((manager) => refreshTokenStore.prune(manager, this.clock.now(), BATCH));
    } while (removed === BATCH);
  }

  private every(ms: number, work: () => Promise<void>): void {
    let isRunning = false;
    const run = async () => {
      if (isRunning) return;
      isRunning = true;
      try {
        await work();
      } catch (error) {
        // That the database is away is told where it is found out.
        if (!isHubbubError(error)) this.logger.warn({ msg: 'housekeeping failed', err: error });
      } finally {
        isRunning = false;
      }
    };
    this.timers.push(setInterval(() => void run(), ms).unref());
  }
}
