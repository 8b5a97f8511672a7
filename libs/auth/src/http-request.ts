import type { Identity } from '@hubbub/transport';

/** What is read of an HTTP request here; Fastify's has it. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The caller's address; with `server.trust_proxy` the forwarded one. Undefined once his socket is closed. */
  readonly ip: string | undefined;
  /** Path and query. */
  readonly url: string;
  readonly params?: unknown;
  readonly body?: unknown;
  readonly routeOptions?: { readonly url?: string | undefined };
  /** Who asks, once a guard has seen to it. */
  identity?: Identity;
}

/** What is written to an HTTP response here. */
export interface HttpReply {
  header(name: string, value: string | number): HttpReply;
  code(status: number): HttpReply;
  send(body: unknown): unknown;
}

/** The token of `Authorization: Bearer …`, or undefined. */
export function bearerOf(request: HttpRequest): string | undefined {
  const { authorization } = request.headers;
  return typeof authorization === 'string' ? /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] : undefined;
}
