import type { IncomingHttpHeaders } from 'node:http';
import { clientAddress, clientNetwork, type Identity } from '@hubbub/transport';

/** What is read of an HTTP request here; those of Express and Fastify have it. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Its address is undefined once it is closed. */
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** Path and query. */
  readonly url: string;
  readonly params?: unknown;
  readonly body?: unknown;
  /** The route that serves it: on Fastify, and on Express. */
  readonly routeOptions?: { readonly url?: string | undefined };
  readonly route?: { readonly path?: string };
  /** Who asks, once a guard has seen to it. */
  identity?: Identity;
}

/**
 * What stands for the caller in limits by address. Not by the platform's own idea of an address: what a proxy says is believed
 * exactly where `server.trust_proxy` says so, for requests as for upgrades.
 */
export function networkOf({ headers, socket }: HttpRequest, trustProxy: boolean): string {
  const { remoteAddress } = socket;
  return clientNetwork(remoteAddress && clientAddress(headers, remoteAddress, trustProxy));
}

/** The token of `Authorization: Bearer …`, or undefined. */
export function bearerOf(request: HttpRequest): string | undefined {
  const { authorization } = request.headers;
  return typeof authorization === 'string' ? /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] : undefined;
}
