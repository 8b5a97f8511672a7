import { HttpRateLimit } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { OwnControllers } from '../modules/parts.module.js';
import { answerErrorsOnExpress, type ExpressAdapter, guardOnExpress } from './express-front.js';
import { type Fastify, guardOnFastify } from './fastify-front.js';
import { maxBodyBytes } from './max-body-bytes.js';
import { OwnRoutes } from './own-routes.js';

/** What holds for requests before Nest sees them. */
export interface Rules {
  readonly routes: OwnRoutes;
  readonly limit: HttpRateLimit;
  /** Longest body. */
  readonly bodyBytes: number;
}

/**
 * Stands before Hubbub's HTTP routes in an application that has others: the limit by address, the limit of bodies, their text as
 * it came, and the error body of PROTOCOL §8 are theirs alone.
 */
@Injectable()
export class HttpFront implements OnModuleInit {
  /** Whether all routes of the application are Hubbub's affair; undefined until it is said. */
  private wholeApplication: boolean | undefined;
  private readonly rules: Rules;

  constructor(
    private readonly host: HttpAdapterHost,
    { all }: OwnControllers,
    limit: HttpRateLimit,
    config: HubbubConfig,
    application: ApplicationConfig,
  ) {
    this.rules = { routes: new OwnRoutes(all, application), limit, bodyBytes: maxBodyBytes(config) };
  }

  get standalone(): boolean {
    return this.wholeApplication !== false;
  }

  /**
   * To be called once, before the application is initialised: what comes first on a platform is asked first.
   * @param standalone for an application that has no other routes, or wants them treated alike
   * @throws Error on other platforms than Express and Fastify, and for a second call
   */
  stand(standalone: boolean): void {
    if (this.wholeApplication !== undefined) throw new Error('useHubbub(app) was called twice');
    this.wholeApplication = standalone;
    if (standalone) return;
    const { routes, limit } = this.rules;
    limit.covers = ({ method, url }) => routes.cover(method, url);
    const adapter = this.host.httpAdapter;
    if (adapter.getType() === 'express') guardOnExpress(adapter as unknown as ExpressAdapter, this.rules);
    else if (adapter.getType() === 'fastify') guardOnFastify(adapter.getInstance<Fastify>(), this.rules);
    else throw new Error(`Hubbub runs on Express and on Fastify, not on ${adapter.getType()}`);
  }

  onModuleInit(): void {
    if (this.standalone || this.host.httpAdapter.getType() !== 'express') return;
    answerErrorsOnExpress(this.host.httpAdapter as unknown as ExpressAdapter, this.rules);
  }
}
