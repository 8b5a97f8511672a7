import type { HubbubConfig } from '@hubbub/config';
import { PinoLogger } from '@hubbub/observability';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastifyAdapter } from './http/fastify-adapter.js';
import { useHubbub } from './use-hubbub.js';

/**
 * Makes the Nest application of a root module that imports `HubbubModule.forRoot(config)`: Fastify with the limits of the
 * configuration, Hubbub's WebSocket adapter, error bodies, CORS, OpenAPI and, with NATS, answers to the commands of services.
 * Call `listen` on what it returns.
 * @throws ConfigError, and whatever keeps a provider from starting
 */
export async function createHubbub(rootModule: Type | object, config: HubbubConfig): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(rootModule as Type, await fastifyAdapter(config), {
    logger: new PinoLogger(config),
    rawBody: true,
    abortOnError: false,
  });
  useHubbub(app, { standalone: true });
  return app;
}
