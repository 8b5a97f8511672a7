import type { HubbubConfig } from '@hubbub/config';
import { PinoLogger } from '@hubbub/observability';
import { CommandService } from '@hubbub/services';
import { HttpErrorFilter, HubbubWsAdapter } from '@hubbub/transport';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastifyAdapter } from './fastify-adapter.js';
import { serveOpenApi } from './openapi.js';

/**
 * Makes the Nest application of a root module that imports `HubbubModule.forRoot(config)`: Fastify with the limits of the
 * configuration, Hubbub's WebSocket adapter, error bodies, CORS, OpenAPI and, with NATS, answers to the commands of services.
 * Call `listen` on what it returns.
 * @throws ConfigError, and whatever keeps a provider from starting
 */
export async function createHubbub(rootModule: Type | object, config: HubbubConfig): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(rootModule as Type, fastifyAdapter(config), {
    logger: new PinoLogger(config),
    rawBody: true,
    abortOnError: false,
  });
  useHubbub(app, config);
  return app;
}

/** Gives an application that was made elsewhere what `createHubbub` gives its own. Call before `listen` or `init`. */
export function useHubbub(app: NestFastifyApplication, config: HubbubConfig): void {
  app.useWebSocketAdapter(new HubbubWsAdapter(app));
  app.useGlobalFilters(new HttpErrorFilter());
  app.enableCors({
    // Looked up per request: the list can be reloaded.
    origin: (origin, done) => done(null, origin !== undefined && config.server.allowedOrigins.includes(origin)),
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['Link', 'Retry-After'],
  });
  serveOpenApi(app);
  app.get(CommandService, { strict: false }).connect(app);
}
