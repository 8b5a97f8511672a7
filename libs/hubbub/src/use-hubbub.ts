import { HubbubConfig } from '@hubbub/config';
import { CommandService } from '@hubbub/services';
import { HttpErrorFilter, HubbubErrorFilter, HubbubWsAdapter } from '@hubbub/transport';
import type { INestApplication } from '@nestjs/common';
import { HttpFront } from './http/http-front.service.js';
import { HubbubModule } from './hubbub.module.js';
import { serveDocuments } from './openapi.js';

export interface UseHubbubOptions {
  /**
   * Whether the application is Hubbub's, as that of `createHubbub` is: error bodies, limits and CORS are the same for all its
   * routes then. Otherwise Hubbub looks after its own routes, and all others answer as if it were not there.
   * @default false
   */
  readonly standalone?: boolean;
  /** Where the documents of the API are served. @default 'docs' where it is standalone, otherwise nowhere */
  readonly docs?: string;
}

/**
 * Serves Hubbub in an application whose modules import `HubbubModule.forRoot()`, on Express or Fastify. Call it before `listen`
 * or `init`, and before middleware of yours that reads bodies.
 * @throws Error if the application does not import it, runs on another HTTP platform, or was given to this before
 */
export function useHubbub(app: INestApplication, { standalone = false, docs }: UseHubbubOptions = {}): void {
  frontOf(app).stand(standalone);
  app.useWebSocketAdapter(new HubbubWsAdapter(app));
  if (standalone) takeOver(app);
  else app.useGlobalFilters(new HubbubErrorFilter());
  const path = docs ?? (standalone ? 'docs' : undefined);
  if (path !== undefined) serveDocuments(app, path);
  app.get(CommandService, { strict: false }).connect(app);
}

function frontOf(app: INestApplication): HttpFront {
  try {
    return app.get(HttpFront, { strict: false });
  } catch (cause) {
    throw new Error(`useHubbub(app): no module of the application imports ${HubbubModule.name}.forRoot()`, { cause });
  }
}

function takeOver(app: INestApplication): void {
  const config = app.get(HubbubConfig, { strict: false });
  app.useGlobalFilters(new HttpErrorFilter());
  app.enableCors({
    // Looked up per request: the list can be reloaded.
    origin: (origin: string | undefined, done: (error: null, isAllowed: boolean) => void) =>
      done(null, origin !== undefined && config.server.allowedOrigins.includes(origin)),
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['Link', 'Retry-After'],
  });
}
