import { timingSafeEqual } from 'node:crypto';
import { HubbubError } from '@hubbub/protocol';
import { Controller, Get, Header, Headers, Inject, Optional, Res } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Metrics } from './metrics.js';
import { MetricsText } from './metrics-text.js';
import { processMetrics } from './process-metrics.js';

export interface MetricsOptions {
  /** The bearer token that `/metrics` asks for, looked up at each request; undefined leaves it open. */
  token(this: void): string | undefined;
}

export const METRICS_OPTIONS = Symbol('METRICS_OPTIONS');

/** What both HTTP platforms of Nest call the answer. */
interface Reply {
  header(name: string, value: string): unknown;
}

/** `GET /metrics`: this application's and Node's figures as Prometheus text. */
@Controller()
export class MetricsController {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Optional() @Inject(METRICS_OPTIONS) private readonly options: MetricsOptions | null,
    @Optional() @Inject(MetricsText) private readonly text: MetricsText | null,
  ) {}

  /** @throws HubbubError Unauthorized where a token is set and not given */
  @Get()
  @Header('Cache-Control', 'no-store')
  async read(
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    const token = this.options?.token();
    if (token !== undefined && !isBearer(authorization, token)) throw new HubbubError('Unauthorized');
    const text = await (this.text?.read() ?? this.own());
    // Not by a decorator: it would hold for an error too, which is JSON.
    reply.header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE);
    return text;
  }

  private async own(): Promise<string> {
    return `${await this.metrics.registry.metrics()}\n${await processMetrics().metrics()}`;
  }
}

/** Compares in a time that does not tell how much of the token was right. */
function isBearer(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(/^bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
