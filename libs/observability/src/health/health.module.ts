import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HEALTH_OPTIONS, HealthController, type HealthOptions } from './health.controller.js';
import { HealthService } from './health.service.js';
import { HealthMetrics } from './health-metrics.js';
import { HealthRegistry } from './health-registry.js';
import { ProcessChecks } from './process-checks.js';

/** Provides the HealthRegistry to the whole application, and `/health`, `/health/live`, `/health/ready`. */
@Global()
@Module({
  // Terminus would log every failed probe; who registered the check logs what is wrong, once.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthRegistry, HealthService, HealthMetrics, ProcessChecks],
  exports: [HealthRegistry],
})
export class HealthModule {
  static forRoot(options: HealthOptions): DynamicModule {
    return { module: HealthModule, providers: [{ provide: HEALTH_OPTIONS, useValue: options }] };
  }
}
