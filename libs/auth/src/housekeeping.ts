import { HubbubConfig } from '@hubbub/config';
import { Database } from '@hubbub/storage';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from './clock.js';
import { refreshTokenStore } from './refresh-token-store.js';
import { Revocations } from './revocations.service.js';

const PRUNE_EVERY_MS = 3_600_000;
/** Rows a transaction: other writes wait no longer than that takes. */
const BATCH = 500;
const SYNC_EVERY_MS = 5000;

/** Removes what has expired from the database, and reads revocations of other nodes that the bus may have lost. */
@Injectable()
export class Housekeeping implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Housekeeping.name);
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly config: HubbubConfig,
    private readonly database: Database,
    private readonly revocations: Revocations,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.every(PRUNE_EVERY_MS, () => this.prune());
    // The memory bus has one node, whose revocations are all its own.
    if (this.config.bus.type !== 'memory') this.every(SYNC_EVERY_MS, () => this.revocations.sync());
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  async prune(): Promise<void> {
    await this.revocations.prune();
    let removed: number;
    do {
      removed = await this.database.transaction((manager) => refreshTokenStore.prune(manager, this.clock.now(), BATCH));
    } while (removed === BATCH);
  }

  private every(ms: number, work: () => Promise<void>): void {
    const run = () => {
      work().catch((error: unknown) => this.logger.warn({ msg: 'housekeeping of accounts failed', err: error }));
    };
    this.timers.push(setInterval(run, ms).unref());
  }
}
