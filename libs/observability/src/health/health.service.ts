import { HttpException, Inject, Injectable } from '@nestjs/common';
import { HealthCheckService, type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { type HealthCheck, HealthRegistry } from './health-registry.js';

/** A check that takes longer counts as down: probes give up after a few seconds. */
const CHECK_TIMEOUT_MS = 3000;

export interface HealthReport {
  readonly httpStatus: number;
  /** `status`, and by check `info`, `error`, `details`: the form of terminus. */
  readonly body: object;
}

/** Runs the registered checks. */
@Injectable()
export class HealthService {
  constructor(
    @Inject(HealthRegistry) private readonly registry: HealthRegistry,
    @Inject(HealthCheckService) private readonly terminus: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  all(): Promise<HealthReport> {
    return this.report(this.registry.all());
  }

  ready(): Promise<HealthReport> {
    return this.report(this.registry.all().filter((check) => check.ready));
  }

  live(): Promise<HealthReport> {
    return this.report([]);
  }

  /** Whether each check is up and not degraded, by name. */
  async states(): Promise<Map<string, boolean>> {
    const results = await Promise.all(this.registry.all().map((check) => this.run(check)));
    const all = results.flatMap((result) => Object.entries(result));
    return new Map(all.map(([name, { status }]) => [name, status === 'up']));
  }

  private async report(checks: readonly HealthCheck[]): Promise<HealthReport> {
    try {
      const result = await this.terminus.check(checks.map((check) => () => this.run(check)));
      return { httpStatus: 200, body: result };
    } catch (error) {
      // Answered here, not by the filters: monitors expect the body of terminus.
      if (!(error instanceof HttpException)) throw error;
      return { httpStatus: error.getStatus(), body: error.getResponse() as object };
    }
  }

  private async run(check: HealthCheck): Promise<HealthIndicatorResult> {
    const session = this.indicators.check(check.name);
    let degraded = false;
    const result = await session
      .attempt(async () => {
        const { degraded: impaired, ...figures } = await check.check();
        degraded = impaired === true;
        return figures;
      })
      .withTimeout(CHECK_TIMEOUT_MS);
    const { status, ...figures } = result[check.name] ?? { status: 'down' as const };
    return degraded && status === 'up' ? session.degraded(figures) : result;
  }
}
