import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeInfo } from '@hubbub/bus';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { ClusterEvents } from './cluster-events.js';
import { NodeLease } from './node-lease.js';
import { nodeStore } from './node-store.js';

/** Timers are early by a moment, and no two clocks run alike. */
const MARGIN_MS = 20;

/**
 * Whether this node may rely on what it remembers (the port `Contact` of cache): it has looked lately who else is alive and
 * which generation of memories counts, and the others have had the time to learn of this node. The registry looks.
 */
@Injectable()
export class ClusterContact {
  generation: number | null = null;
  until = Number.NEGATIVE_INFINITY;
  /** Since when all others know this node, if they know who there is. */
  private knownFrom = Number.POSITIVE_INFINITY;

  constructor(
    private readonly node: NodeInfo,
    private readonly database: Database,
    private readonly lease: NodeLease,
    events: ClusterEvents,
  ) {
    if (!node.clustered) {
      // Not that of an earlier process, which may still be in Redis.
      this.generation = randomInt(2 ** 47);
      this.until = Number.POSITIVE_INFINITY;
      return;
    }
    // It may have stored what it told nobody, and nobody waits for it any more.
    events.onNodeRemoved((manager) => nodeStore.raiseGeneration(manager));
    events.onReady(() => {
      this.knownFrom = performance.now() + lease.times.longestGapMs;
    });
    events.onFenced(() => {
      this.knownFrom = Number.POSITIVE_INFINITY;
      this.until = Number.NEGATIVE_INFINITY;
      this.generation = null;
    });
  }

  /** A look that began then, by `performance.now()`, found that generation; who is alive is known by it as well. */
  looked(beganAt: number, generation: number): void {
    this.generation = beganAt < this.knownFrom ? null : generation;
    this.until = Math.min(beganAt + this.lease.times.longestGapMs, this.lease.certainUntil);
  }

  /** See `Contact` of cache. @throws HubbubError ServerError */
  async renounce(): Promise<void> {
    if (!this.node.clustered) return void (this.generation = (this.generation ?? 0) + 1);
    await this.database.transaction((manager) => nodeStore.raiseGeneration(manager));
    // Looks that began before are good for so long.
    await sleep(this.lease.times.longestGapMs + MARGIN_MS);
  }
}
