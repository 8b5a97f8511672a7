import type { HttpRequest } from '@hubbub/auth';
import { answerHttpError, type HttpReply } from '@hubbub/transport';
import type { Rules } from './http-front.service.js';

type Next = (error?: unknown) => void;
type Handler = (request: HttpRequest, reply: HttpReply, next: Next) => void;
type ErrorHandler = (error: unknown, request: HttpRequest, reply: HttpReply, next: Next) => void;

/** What is used of Nest's adapter for Express, which is no dependency: the application has it. */
export interface ExpressAdapter {
  use(handler: Handler): unknown;
  use(handler: ErrorHandler): unknown;
  useBodyParser(type: 'json', rawBody: boolean, options: { limit: number }): unknown;
}

/** Before the application's own middleware: a body that has been read is left alone by its parsers. */
export function guardOnExpress(adapter: ExpressAdapter, { routes, limit, bodyBytes }: Rules): void {
  const parse = jsonParser(adapter, bodyBytes);
  const handler: Handler = (request, reply, next) => {
    if (!routes.cover(request.method, request.url)) return next();
    const refusal = limit.refusal(request);
    if (refusal !== null) return answerHttpError(refusal, reply);
    parse(request, reply, (error) => (error === undefined ? next() : answerHttpError(error, reply)));
  };
  adapter.use(handler);
}

/** Behind all routes: what Express itself throws at one of Hubbub's, as at a path that cannot be decoded. */
export function answerErrorsOnExpress(adapter: ExpressAdapter, { routes }: Rules): void {
  const handler: ErrorHandler = (error, request, reply, next) => {
    if (routes.cover(request.method, request.url)) answerHttpError(error, reply);
    else next(error);
  };
  adapter.use(handler);
}

/** The parser that Nest would use for all routes; it hands it to `use`. */
function jsonParser(adapter: ExpressAdapter, limit: number): Handler {
  let parser: Handler | undefined;
  const taker = { use: (made: Handler) => (parser = made) };
  adapter.useBodyParser.call(taker as unknown as ExpressAdapter, 'json', true, { limit });
  if (parser === undefined) throw new Error('this version of @nestjs/platform-express hands out no parser');
  return parser;
}
