import { Controller, Get, Header, Inject, Optional, Res } from '@nestjs/common';
import { type HealthReport, HealthService } from './health.service.js';

export interface HealthOptions {
  /** Shown by `/health`. */
  readonly version?: string;
}

export const HEALTH_OPTIONS = Symbol('HEALTH_OPTIONS');

/** What both HTTP platforms of Nest call the answer. */
interface Reply {
  status(code: number): unknown;
}

const NO_CACHE = ['Cache-Control', 'no-cache, no-store, must-revalidate'] as const;

/** How the node is: for people and monitors, for who restarts it, and for who sends it connections. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Optional() @Inject(HEALTH_OPTIONS) private readonly options: HealthOptions | null,
  ) {}

  /** Every check. 503 if one is down. */
  @Get()
  @Header(...NO_CACHE)
  async all(@Res({ passthrough: true }) reply: Reply): Promise<object> {
    const body = answer(reply, await this.health.all());
    return { ...body, version: this.options?.version ?? null, uptime_s: Math.floor(process.uptime()) };
  }

  /** Whether the process answers at all; a restart would help if it did not. */
  @Get('live')
  @Header(...NO_CACHE)
  async live(@Res({ passthrough: true }) reply: Reply): Promise<object> {
    return answer(reply, await this.health.live());
  }

  /** Whether new connections should be sent here: 503 while draining or while the database is away. */
  @Get('ready')
  @Header(...NO_CACHE)
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<object> {
    return answer(reply, await this.health.ready());
  }
}

function answer(reply: Reply, { httpStatus, body }: HealthReport): object {
  reply.status(httpStatus);
  return body;
}
