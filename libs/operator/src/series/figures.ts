import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '@hubbub/observability';
import type { SeriesColumn } from './columns.js';
import { HistogramWindow } from './histogram-window.js';

/** Rounds to what a chart can show, so that answers stay short. */
const RATIO = 10_000;
const MS = 100;

/** Every look at the loop wakes it: twenty a second cost an idle node 0.15 % of a core, and are 200 of an interval. */
const LOOP_RESOLUTION_MS = 50;

/** How to read a column at the end of an interval: as it is then, or how much it has grown in it. */
interface Figure {
  readonly read: () => number;
  readonly isCount: boolean;
}

/** The figures of this node and its process, interval by interval. */
export class Figures {
  private readonly commands: HistogramWindow;
  private readonly appends: HistogramWindow;
  private readonly loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  private readonly table: readonly Figure[];
  private readonly before: Float64Array;
  private readonly row: Float64Array;
  private at = 0;
  private cpuUs = 0;
  private lookedAt = 0;
  private cpu = 0;

  constructor(metrics: Metrics) {
    this.commands = new HistogramWindow(metrics.commandDuration);
    this.appends = new HistogramWindow(metrics.appendLatency);
    this.table = Object.values(this.figures(metrics));
    this.before = new Float64Array(this.table.length);
    this.row = new Float64Array(this.table.length);
  }

  /** The first interval begins. */
  start(): void {
    this.loop.enable();
    this.take(0);
  }

  stop(): void {
    this.loop.disable();
  }

  /**
   * Ends an interval and begins the next.
   * @param at end of the interval, Unix ms
   * @returns a row in the order of the columns, NaN where nothing was measured; the same array each time
   */
  take(at: number): Float64Array {
    this.at = at;
    this.commands.look();
    this.appends.look();
    this.lookAtCpu();
    for (let i = 0; i < this.table.length; i++) {
      const { read, isCount } = this.table[i] as Figure;
      const value = read();
      this.row[i] = isCount ? value - (this.before[i] as number) : value;
      this.before[i] = value;
    }
    this.loop.reset();
    return this.row;
  }

  private lookAtCpu(): void {
    const { user, system } = process.cpuUsage();
    const now = performance.now();
    this.cpu = (user + system - this.cpuUs) / ((now - this.lookedAt) * 1000);
    this.cpuUs = user + system;
    this.lookedAt = now;
  }

  /** What the loop was late by: the histogram counts from one look to the next. */
  private loopP99(): number {
    const late = this.loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS;
    return this.loop.count === 0 ? Number.NaN : rounded(Math.max(0, late), MS);
  }

  private figures(m: Metrics): Record<SeriesColumn, Figure> {
    const level = (read: () => number): Figure => ({ read, isCount: false });
    const count = (read: () => number): Figure => ({ read, isCount: true });
    const failed = ({ code }: { code: string | number }) => code !== 0;
    const ms = (seconds: number) => rounded(seconds * 1000, MS);
    return {
      at: level(() => this.at),
      connections: level(() => m.connections.current),
      users: level(() => m.users.current),
      rooms: level(() => m.rooms.current),
      members: level(() => m.members.current),
      commands: count(() => m.commands.total()),
      command_errors: count(() => m.commands.total(failed)),
      command_p50_ms: level(() => ms(this.commands.quantile(0.5))),
      command_p99_ms: level(() => ms(this.commands.quantile(0.99))),
      deliveries: count(() => m.deliveries.value),
      appended: count(() => m.appended.value),
      append_p50_ms: level(() => ms(this.appends.quantile(0.5))),
      append_p99_ms: level(() => ms(this.appends.quantile(0.99))),
      slow_consumers: count(() => m.slowConsumers.value),
      dropped: count(() => m.dropped.value),
      repairs: count(() => m.repairs.value),
      rate_limited: count(() => m.rateLimited.value),
      bytes_in: count(() => m.bytesIn.value),
      bytes_out: count(() => m.bytesOut.value),
      cpu: level(() => rounded(this.cpu, RATIO)),
      loop_p99_ms: level(() => this.loopP99()),
      rss_bytes: level(() => process.memoryUsage.rss()),
      heap_bytes: level(() => process.memoryUsage().heapUsed),
    };
  }
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
