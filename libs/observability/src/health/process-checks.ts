import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HealthRegistry } from './health-registry.js';

const SAMPLE_MS = 20;
/** Figures are of the last window or two, so that a bad minute long ago is not reported for ever. */
const WINDOW_MS = 30_000;
/** A twentieth of the time-outs that clients and heartbeats work with. */
const LAG_DEGRADED_MS = 500;
const HEAP_DEGRADED_SHARE = 0.9;
const MEGABYTE = 1024 * 1024;

/** Registers what every process can say of itself: memory, and how long its event loop keeps things waiting. */
@Injectable()
export class ProcessChecks implements OnModuleInit, OnApplicationShutdown {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  private windowStart = performance.now();

  constructor(@Inject(HealthRegistry) private readonly registry: HealthRegistry) {}

  onModuleInit(): void {
    this.delay.enable();
    this.registry.register({ name: 'memory', ready: false, check: async () => memoryFigures() });
    this.registry.register({ name: 'event_loop', ready: false, check: async () => this.lagFigures() });
  }

  onApplicationShutdown(): void {
    this.delay.disable();
  }

  private lagFigures(): Record<string, unknown> {
    // The histogram counts the time between two samples; what is over the sampling interval is lag. Empty, it holds NaN.
    const lag = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e6 - SAMPLE_MS) || 0);
    const figures = { p50_ms: lag(this.delay.percentile(50)), p99_ms: lag(this.delay.percentile(99)) };
    if (performance.now() - this.windowStart > WINDOW_MS) {
      this.delay.reset();
      this.windowStart = performance.now();
    }
    return { ...figures, degraded: figures.p99_ms > LAG_DEGRADED_MS };
  }
}

function memoryFigures(): Record<string, unknown> {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return {
    rss_mb: Math.round(process.memoryUsage.rss() / MEGABYTE),
    heap_used_mb: Math.round(used_heap_size / MEGABYTE),
    heap_limit_mb: Math.round(heap_size_limit / MEGABYTE),
    degraded: used_heap_size > heap_size_limit * HEAP_DEGRADED_SHARE,
  };
}
