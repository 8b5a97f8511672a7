import { setTimeout as pause } from 'node:timers/promises';
import { NodeInfo } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { Injectable, Logger } from '@nestjs/common';
import type { Hole } from './ordered-channel.js';
import type { Stored } from './under-way.js';

interface Numbered {
  readonly seq: number;
  readonly senderId: string;
}

/** A channel that may lack messages, and where they are. */
export interface Repairable<M extends Numbered> {
  readonly channel: {
    readonly head: number;
    readonly hole: Hole | null;
    readonly isBehind: boolean;
    skip(seq: number): void;
    receive(messages: readonly M[]): number;
  };
  /** Whose log it is, for our own log. */
  readonly subject: object;
  /** False once the channel is no more: then it is given up. */
  isOpen(): boolean;
  /** What connections of this node are storing in it now. */
  underWay(): Stored;
  /** The messages after `after`, at most `limit`, and the head at the same moment; null if there is no such log any more. */
  read(after: number, limit: number): Promise<{ readonly head: number; readonly messages: readonly M[] } | null>;
}

/** Messages read at once to fill a hole. */
const PAGE = 200;
/** Messages of several nodes overtake one another on the bus: most holes close by themselves. */
const HOLE_MS = 30;

/** What filling a hole came to. `later`: the log does not show it yet. */
type Outcome = 'filled' | 'later' | 'gone';

/** Fills the holes of channels from the log. */
@Injectable()
export class HoleRepairs {
  private readonly logger = new Logger('Repairs');
  private readonly busy = new Set<object>();
  /**
   * Whether a log may have what nobody here is told of: messages of other nodes or, on a database server, those of a commit
   * whose answer was lost. Then its head is to be looked at, and what is under way to be noted.
   */
  readonly mayBeNeeded: boolean;

  constructor(
    private readonly config: HubbubConfig,
    private readonly metrics: Metrics,
    node: NodeInfo,
  ) {
    this.mayBeNeeded = node.clustered || config.database.type !== 'sqlite';
  }

  /** To be called whenever a channel may have learnt that it lacks something. */
  look<M extends Numbered>(repairable: Repairable<M>): void {
    const { channel } = repairable;
    if (!channel.isBehind || this.busy.has(channel)) return;
    this.busy.add(channel);
    void this.repair(repairable).finally(() => this.busy.delete(channel));
  }

  /** Never rejects. */
  private async repair<M extends Numbered>(repairable: Repairable<M>): Promise<void> {
    const { channel, subject } = repairable;
    while (repairable.isOpen() && channel.isBehind) {
      let outcome: Outcome;
      try {
        // Otherwise nothing is on its way.
        if (this.mayBeNeeded && !(await stays(channel))) return;
        outcome = await this.fill(repairable);
      } catch (error) {
        this.logger.warn({ msg: 'hole not filled, trying again', ...subject, err: error });
        outcome = 'later';
      }
      if (outcome === 'gone') return;
      if (outcome === 'later') await pause(this.config.cluster.repairMs, undefined, { ref: false });
    }
  }

  /** Fills the hole that there is now, a page at a time. */
  private async fill<M extends Numbered>(repairable: Repairable<M>): Promise<Outcome> {
    const { channel } = repairable;
    const upTo = channel.hole?.upTo ?? 0;
    let outcome: Outcome = 'filled';
    while (outcome === 'filled' && channel.head < upTo) {
      outcome = repairable.isOpen() ? await this.fillPage(repairable) : 'gone';
    }
    return outcome;
  }

  private async fillPage<M extends Numbered>(repairable: Repairable<M>): Promise<Outcome> {
    const { channel } = repairable;
    const { hole } = channel;
    if (hole === null) return 'filled';
    this.metrics.repairs.inc();
    const underWay = repairable.underWay();
    const limit = Math.min(PAGE, hole.upTo - hole.after);
    const found = await repairable.read(hole.after, limit);
    if (found === null) return 'gone';
    const { head, messages } = found;
    // What is above may be there all the same, and only be hidden from this reading: a replica lags.
    const shown = Math.min(hole.after + limit, head);
    if (shown <= hole.after) return 'later';
    // Pruned before anybody here got it: those who need it come back with `since` and are told.
    const first = messages[0]?.seq ?? shown + 1;
    if (first > hole.after + 1) channel.skip(first - 1);
    let from = 0;
    for (const [at, { senderId }] of messages.entries()) {
      const settled = underWay.settled(senderId);
      if (settled === null) continue;
      this.metrics.repaired.inc(channel.receive(messages.slice(from, at)));
      from = at;
      await settled;
    }
    this.metrics.repaired.inc(channel.receive(messages.slice(from)));
    return 'filled';
  }
}

/** Waits a little, as often as the hole moves on; false once there is none any more. */
async function stays(channel: { readonly hole: Hole | null }): Promise<boolean> {
  for (let { hole } = channel; hole !== null; ) {
    await pause(HOLE_MS, undefined, { ref: false });
    const now = channel.hole;
    if (now?.after === hole.after) return true;
    hole = now;
  }
  return false;
}
