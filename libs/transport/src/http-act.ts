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

/** A route by the name that it has as an act. */
interface NamedRoute {
  readonly action: string;
  readonly permissions: readonly string[];
}

/** Metadata is slow to read, and this is asked for every request. Null for those that only read. */
const routes = new WeakMap<object, WeakMap<object, NamedRoute | null>>();

/**
 * What an HTTP request would do; null for one that only reads, or of which nobody knows whose it is.
 * @param isWatched asked before anything is composed; null if it says no
 */
export function httpAct(
  context: ExecutionContext,
  trustProxy: boolean,
  isWatched: (action: string, permissions: readonly string[]) => boolean,
): Act | null {
  const request = context.switchToHttp().getRequest<ActingRequest>();
  const { identity: caller, method, params, body } = request;
  if (caller === undefined || method === 'GET' || method === 'HEAD') return null;
  const route = namedRoute(context.getClass(), context.getHandler());
  if (route === null || !isWatched(route.action, route.permissions)) return null;
  const data = { ...objectOf(body), ...objectOf(params) };
  return { ...route, caller, address: addressOf(request, trustProxy), data };
}

function namedRoute(owner: object, handler: object): NamedRoute | null {
  const known = routes.get(owner)?.get(handler);
  if (known !== undefined) return known;
  const route = Reflect.hasMetadata(CHANGES_NOTHING_METADATA, handler) ? null : readRoute(owner, handler);
  const ofOwner = routes.get(owner) ?? new WeakMap<object, NamedRoute | null>();
  routes.set(owner, ofOwner.set(handler, route));
  return route;
}

/** Where a request came from. */
export function addressOf(
  { headers, socket: { remoteAddress } }: Pick<ActingRequest, 'headers' | 'socket'>,
  trustProxy: boolean,
) {
  return remoteAddress && clientAddress(headers, remoteAddress, trustProxy);
}

/** `DELETE api/rooms/:id`, whatever the application has put before it. */
function readRoute(owner: object, handler: object): NamedRoute {
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
  const path = [owner, handler].map((target) => pathOf(target)).filter((part) => part !== '');
  const permissions = [owner, handler].flatMap(
    (target) => (Reflect.getMetadata(PERMISSIONS_METADATA, target) ?? []) as string[],
  );
  return { action: `${RequestMethod[method]} ${path.join('/')}`, permissions };
}

function pathOf(target: object): string {
  const [path = ''] = [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined].flat();
  return path.replaceAll(/^\/+|\/+$/g, '');
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
