import type { IncomingHttpHeaders } from 'node:http';
import { type ExecutionContext, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/internal';
import type { Act } from './acts.js';
import { CHANGES_NOTHING_METADATA, PERMISSIONS_METADATA } from './decorators.js';
import type { Identity } from './identity.js';
import { clientAddress } from './upgrade.js';

/** What is read of a request here; those of Express and Fastify have it. */
export interface ActingRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Its address is undefined once it is closed. */
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly params?: unknown;
  readonly body?: unknown;
  readonly identity?: Identity;
}

/** What an HTTP request would do; null for one that only reads, or of which nobody knows whose it is. */
export function httpAct(context: ExecutionContext, trustProxy: boolean): Act | null {
  const request = context.switchToHttp().getRequest<ActingRequest>();
  const { identity: caller, method, params, body } = request;
  if (caller === undefined || method === 'GET' || method === 'HEAD') return null;
  const handler = context.getHandler();
  if (Reflect.hasMetadata(CHANGES_NOTHING_METADATA, handler)) return null;
  const permissions = [context.getClass(), handler].flatMap(
    (target) => (Reflect.getMetadata(PERMISSIONS_METADATA, target) ?? []) as string[],
  );
  const data = { ...objectOf(body), ...objectOf(params) };
  return { action: routeOf(context), permissions, caller, address: addressOf(request, trustProxy), data };
}

/** Where a request came from. */
export function addressOf(
  { headers, socket: { remoteAddress } }: Pick<ActingRequest, 'headers' | 'socket'>,
  trustProxy: boolean,
) {
  return remoteAddress && clientAddress(headers, remoteAddress, trustProxy);
}

/** `DELETE api/rooms/:id`, whatever the application has put before it. */
function routeOf(context: ExecutionContext): string {
  const handler = context.getHandler();
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
  const parts = [context.getClass(), handler].map((target) => pathOf(target)).filter((part) => part !== '');
  return `${RequestMethod[method]} ${parts.join('/')}`;
}

function pathOf(target: object): string {
  const [path = ''] = [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined].flat();
  return path.replaceAll(/^\/+|\/+$/g, '');
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
