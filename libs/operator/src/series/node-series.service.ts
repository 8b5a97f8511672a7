import { Metrics } from '@hubbub/observability';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { COLUMNS } from './columns.js';
import { Figures } from './figures.js';
import { RowRing } from './row-ring.js';

export const INTERVAL_MS = 10_000;
const KEPT_MS = 3_600_000;
/** The clock may still be short of the moment that a timer was set for: by so much at most, unless it is set. */
const EARLY_MS = 1000;

/**
 * The last hour of this node, a row every ten seconds. Intervals end at whole ten seconds of the clock, so that rows of several
 * nodes stand side by side; the first one has another length.
 */
@Injectable()
export class NodeSeries implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly figures: Figures;
  private readonly ring = new RowRing(KEPT_MS / INTERVAL_MS, COLUMNS.length);
  private timer: NodeJS.Timeout | undefined;

  constructor(metrics: Metrics) {
    this.figures = new Figures(metrics);
  }

  onApplicationBootstrap(): void {
    this.figures.start();
    this.schedule();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.figures.stop();
  }

  /** Ends an interval. @param at Unix ms */
  sample(at: number): void {
    this.ring.push(this.figures.take(at));
  }

  /** @param after rows of intervals that ended later, Unix ms */
  rows(after: number): number[][] {
    return this.ring.after(after);
  }

  private schedule(): void {
    const end = nextEnd(Date.now());
    this.timer = setTimeout(() => {
      // Where the loop was held up, at the moment that it is.
      this.sample(Math.max(end, Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS));
      this.schedule();
    }, end - Date.now()).unref();
  }
}

/** When the interval ends that begins now, Unix ms: never when the one before did. */
export function nextEnd(now: number): number {
  return (Math.floor((now + EARLY_MS) / INTERVAL_MS) + 1) * INTERVAL_MS;
}
