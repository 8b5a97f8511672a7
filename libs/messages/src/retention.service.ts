import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClusterClock } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { isHubbubError } from '@hubbub/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LogTails } from './log-tails.js';
import { IDEMPOTENCY_KEPT_MS } from './message-store.js';
import { type KeyCursor, type RetentionLimits, RetentionStore } from './retention-store.js';

const SWEEP_EVERY_MS = 60_000;
/** Messages are kept for so long whatever the limits: a node that was not told of one, for its members, reads it in the log. */
const READ_WITHIN_MS = 60_000;
const KEYS_EVERY_MS = 60 * 60_000;

/**
 * Deletes what is kept no longer: messages over `history.max_age_s` and `history.max_messages`, what deleted rooms left, and
 * old idempotency keys. A little at a time, with a turn of the event loop in between, so that nobody waits for it.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Retention');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private stopped = false;
  private keysPrunedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: RetentionStore,
    private readonly tails: LogTails,
    private readonly config: HubbubConfig,
    // Whose clock dates the messages.
    @Inject(ClusterClock) private readonly clock: Pick<ClusterClock, 'now'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweepLogged(), SWEEP_EVERY_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopped = true;
    await this.running?.catch(() => {});
  }

  /**
   * One pass over everything; a pass that is running is joined.
   * @param now Unix ms
   * @throws HubbubError ServerError
   */
  sweep(now = this.clock.now()): Promise<void> {
    this.running ??= this.pass(now).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async sweepLogged(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      // A database that is away is reported by the database; the next pass tries again.
      if (!isHubbubError(error)) this.logger.error({ msg: 'retention failed', err: error });
    }
  }

  private async pass(now: number): Promise<void> {
    this.tails.forgetIdle();
    await this.purgeDetached();
    const { maxAgeS, maxMessages } = this.config.history;
    const limits: RetentionLimits = {
      ...(maxAgeS > 0 ? { before: now - maxAgeS * 1000 } : {}),
      ...(maxMessages > 0 ? { maxMessages } : {}),
      keptFrom: now - READ_WITHIN_MS,
    };
    if (maxAgeS > 0 || maxMessages > 0) await this.pruneMessages(limits);
    if (now - this.keysPrunedAt < KEYS_EVERY_MS) return;
    this.keysPrunedAt = now;
    await this.pruneKeys(now - IDEMPOTENCY_KEPT_MS);
  }

  private async pruneMessages(limits: RetentionLimits): Promise<void> {
    for (let afterId: number | null = 0; afterId !== null && !this.stopped; ) {
      const page = await this.store.logs(afterId);
      for (const log of page.logs) {
        for (let more = await this.store.isOver(log, limits); more && !this.stopped; await nextTurn()) {
          const pruned = await this.store.prune(log.id, limits);
          if (log.kind === 'room' && log.ownerId !== null) this.tails.trim(log.ownerId, pruned.floor);
          more = pruned.more;
        }
      }
      afterId = page.nextId;
      await nextTurn();
    }
  }

  private async purgeDetached(): Promise<void> {
    for (let logs = await this.store.detached(); logs.length > 0; logs = await this.store.detached()) {
      for (const { id } of logs) {
        while (!this.stopped && !(await this.store.purge(id))) await nextTurn();
      }
      if (this.stopped) return;
    }
  }

  private async pruneKeys(before: number): Promise<void> {
    for (let cursor: KeyCursor | null = { logId: 0, scope: '', name: '' }; cursor !== null && !this.stopped; ) {
      cursor = await this.store.pruneKeys(cursor, before);
      await nextTurn();
    }
  }
}
