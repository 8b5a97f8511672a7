import { Inject, Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics.js';
import { HealthService } from './health.service.js';

/** `hubbub_healthy`: what `/health` says, asked at each scrape. */
@Injectable()
export class HealthMetrics implements OnModuleInit {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Optional() @Inject(Metrics) private readonly metrics: Metrics | null,
  ) {}

  onModuleInit(): void {
    if (!this.metrics) return;
    const { health } = this;
    const gauge = new Gauge({
      name: 'hubbub_healthy',
      help: 'Whether this node has what it needs, by health check: 1, or 0 where it is down or degraded.',
      labelNames: ['check'],
      // Of several workers: down where it is down at one.
      aggregator: 'min',
      registers: [],
      async collect() {
        this.reset();
        for (const [check, isUp] of await health.states()) this.set({ check }, isUp ? 1 : 0);
      },
    });
    this.metrics.registry.registerMetric(gauge);
  }
}
