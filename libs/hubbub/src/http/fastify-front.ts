import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import type { HttpRequest } from '@hubbub/auth';
import { answerHttpError, type HttpReply } from '@hubbub/transport';
import type { Rules } from './http-front.service.js';

interface RawRequest extends HttpRequest {
  rawBody?: Buffer;
}

type Done = (error: null, body: Readable) => void;

/** What is set on a route of Fastify here. */
interface RouteOptions {
  readonly method: string | readonly string[];
  readonly url: string;
  bodyLimit?: number;
  preParsing?: (request: RawRequest, reply: HttpReply, body: Readable, done: Done) => void;
  errorHandler?: (error: unknown, request: HttpRequest, reply: HttpReply) => void;
}

/** What is used of Fastify. */
export interface Fastify {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
}

/** On the routes themselves, as they are registered; the limit by address is a hook that `HttpRateLimit` sets. */
export function guardOnFastify(fastify: Fastify, { routes, bodyBytes }: Rules): void {
  fastify.addHook('onRoute', (route) => {
    const [method = ''] = [route.method].flat();
    if (!routes.cover(method, route.url)) return;
    route.bodyLimit = bodyBytes;
    // The parser hears of a body that breaks off, as of every other.
    route.preParsing = (request, _reply, body, done) =>
      done(
        null,
        pipeline(body, new KeepingBody(request), () => {}),
      );
    route.errorHandler = (error, _request, reply) => answerHttpError(error, reply);
  });
}

/** Passes a body on and leaves its bytes in `rawBody`, as Nest does for all routes where it is told to. */
class KeepingBody extends Transform {
  /** Fastify compares this with the length that was announced. */
  receivedEncodedLength = 0;
  private readonly parts: Buffer[] = [];

  constructor(private readonly request: RawRequest) {
    super();
  }

  override _transform(part: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.receivedEncodedLength += part.length;
    this.parts.push(part);
    done(null, part);
  }

  override _flush(done: TransformCallback): void {
    this.request.rawBody = Buffer.concat(this.parts);
    done();
  }
}
