import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { answerHttpError, type HttpReply } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Clock } from './clock.js';
import { type HttpRequest, networkOf } from './http-request.js';
import { KeyedLimiter } from './keyed-limiter.js';

/** Addresses remembered: about 20 MB at most, during an attack. */
const MAX_ADDRESSES = 100_000;
/** A load balancer must not be told that it asks too often. Cheap, and exactly these: anything else is limited. */
const EXEMPT = new Set(['/health/live', '/health/ready']);

type Done = () => void;
interface Fastify {
  addHook(name: 'onRequest', hook: (request: HttpRequest, reply: HttpReply, done: Done) => void): unknown;
}

/**
 * The limit of HTTP requests by address. A hook of Fastify and no guard: guards see only what finds a route, and an
 * unknown path costs as much as a known one. On Express, whose middleware has to come earlier, others ask for the refusal.
 */
@Injectable()
export class HttpRateLimit implements OnModuleInit {
  /** Which requests count, where the application has others than Hubbub's. */
  covers: (request: HttpRequest) => boolean = () => true;
  private readonly limiter: KeyedLimiter;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly config: HubbubConfig,
  ) {
    const options = () => ({ perSecond: config.limits.httpPerS, burst: config.limits.httpBurst });
    this.limiter = new KeyedLimiter(options, MAX_ADDRESSES);
  }

  onModuleInit(): void {
    // An application without HTTP, as a test of gateways, has nothing to limit.
    const fastify = this.host.httpAdapter?.getInstance<Partial<Fastify>>();
    fastify?.addHook?.('onRequest', (request, reply, done) => {
      const refusal = this.covers(request) ? this.refusal(request) : null;
      if (refusal === null) done();
      else answerHttpError(refusal, reply);
    });
  }

  /** Counts a request; null: it is within the limit. */
  refusal(request: HttpRequest): HubbubError | null {
    if (EXEMPT.has(request.url)) return null;
    const network = networkOf(request, this.config.server.trustProxy);
    const retryAfterMs = this.limiter.take(network, this.clock.now());
    if (retryAfterMs === 0) return null;
    this.metrics.rateLimited.inc();
    return new HubbubError('RateLimited', { retryAfterMs });
  }
}
