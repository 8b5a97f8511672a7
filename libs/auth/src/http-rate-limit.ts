import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { clientNetwork } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Clock } from './clock.js';
import type { HttpReply, HttpRequest } from './http-request.js';
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
 * unknown path costs as much as a known one.
 */
@Injectable()
export class HttpRateLimit implements OnModuleInit {
  private readonly limiter: KeyedLimiter;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    config: HubbubConfig,
  ) {
    const options = () => ({ perSecond: config.limits.httpPerS, burst: config.limits.httpBurst });
    this.limiter = new KeyedLimiter(options, MAX_ADDRESSES);
  }

  onModuleInit(): void {
    // An application without HTTP, as a test of gateways, has nothing to limit.
    const fastify = this.host.httpAdapter?.getInstance<Partial<Fastify>>();
    fastify?.addHook?.('onRequest', (request, reply, done) => this.check(request, reply, done));
  }

  private check(request: HttpRequest, reply: HttpReply, done: Done): void {
    const wait = EXEMPT.has(request.url) ? 0 : this.limiter.take(clientNetwork(request.ip), this.clock.now());
    if (wait === 0) return done();
    this.metrics.rateLimited.inc();
    const error = new HubbubError('RateLimited', { retryAfterMs: wait });
    reply.header('Retry-After', Math.ceil(wait / 1000));
    reply.code(error.httpStatus).send(error.toJSON());
  }
}
