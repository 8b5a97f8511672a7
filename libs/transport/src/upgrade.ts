import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { HubbubError } from '@hubbub/protocol';
import { BEARER_SUBPROTOCOL, type Dialect, pickDialect } from './dialect.js';

/** An upgrade request as far as the decision needs it. */
export interface UpgradeRequest {
  readonly method: string;
  /** Request target: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
}

export interface UpgradeRules {
  readonly wsPath: string;
  readonly trustProxy: boolean;
  readonly allowedOrigins: readonly string[];
}

/** An upgrade that is not let in: an HTTP answer with the error as its JSON body. */
export interface Refusal {
  readonly status: number;
  readonly error: HubbubError;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is known of an upgrade before anybody is asked who it is. */
export interface Candidate {
  readonly dialect: Dialect;
  /** Null: none was offered. */
  readonly token: string | null;
  /** Subprotocols that were offered, without credentials. */
  readonly protocols: readonly string[];
  /** Of the client; behind a trusted proxy what that says. */
  readonly remoteAddress: string;
}

export type Decision = { readonly candidate: Candidate } | { readonly refusal: Refusal };

const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** A path that a URL parser leaves as it is. */
const PLAIN_PATH = /^(?:\/[\w-]+)+\/?$/;
/** A token of RFC 7230: what a subprotocol may be. */
const SUBPROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BEARER = /^bearer(?: +(.*))?$/i;

/** A refusal whose status is the error's own unless it says otherwise. */
export function refuse(error: HubbubError, more: { status?: number; headers?: Record<string, string> } = {}): Refusal {
  return { status: more.status ?? error.httpStatus, error, headers: more.headers ?? {} };
}

/** Answers a request to the WebSocket's path that asks for no WebSocket. */
export function upgradeRequired(message = 'This address speaks WebSocket.'): Refusal {
  const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  return refuse(new HubbubError('InvalidFormat', { message }), { status: 426, headers });
}

/** Decides on everything that an upgrade request shows by itself (PROTOCOL §1): path, form, subprotocol, origin. Pure. */
export function decideUpgrade(request: UpgradeRequest, dialects: readonly Dialect[], rules: UpgradeRules): Decision {
  const { headers } = request;
  const target = parseTarget(request.url);
  const offered = splitList(headers['sec-websocket-protocol']);
  const named = offered.filter((subprotocol) => !subprotocol.startsWith(BEARER_SUBPROTOCOL));
  const dialect = target === null ? null : pickDialect(dialects, target.pathname, named, rules.wsPath);
  if (target === null || dialect === null) {
    return { refusal: refuse(new HubbubError('UnknownType', { message: 'There is nothing at this path.' })) };
  }
  const fault = faultOf(request);
  if (fault !== null) return { refusal: fault };
  if (dialect === undefined || !isWellOffered(offered, named)) {
    const message = 'None of the subprotocols is known; offer hubbub.v1, beside bearer.<token>.';
    return { refusal: refuse(new HubbubError('InvalidFormat', { message })) };
  }
  if (!isOriginAllowed(headers, rules)) {
    return { refusal: refuse(new HubbubError('Forbidden', { message: 'Pages of this origin may not connect.' })) };
  }
  const remoteAddress = clientAddress(headers, request.remoteAddress, rules.trustProxy);
  return { candidate: { dialect, token: findToken(headers, offered, target), protocols: named, remoteAddress } };
}

/** The subprotocol to select of those offered; false: none, as none but credentials was offered. */
export function selectSubprotocol(offered: Iterable<string>, dialects: readonly Dialect[]): string | false {
  for (const name of offered) if (dialects.some((dialect) => dialect.subprotocol === name)) return name;
  return false;
}

/** The client's address; behind a trusted proxy the one that it saw. */
export function clientAddress(headers: IncomingHttpHeaders, peer: string, trustProxy: boolean): string {
  const forwarded = trustProxy ? lastOf(headers['x-forwarded-for']) : undefined;
  const address = forwarded !== undefined && isIP(forwarded) !== 0 ? forwarded : peer;
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

/** Whether a page may connect. No Origin header: not a browser, nothing to protect it from. */
export function isOriginAllowed(headers: IncomingHttpHeaders, rules: UpgradeRules): boolean {
  const { origin } = headers;
  if (origin === undefined || rules.allowedOrigins.includes(origin)) return true;
  const page = parseUrl(origin);
  const forwarded = rules.trustProxy ? lastOf(headers['x-forwarded-host']) : undefined;
  const host = forwarded ?? headers.host;
  if (page === null || page.host === '' || host === undefined) return false;
  // Read as a URL of the page's scheme, so that a port that is the default need not be written.
  return parseUrl(`${page.protocol}//${host}`)?.host === page.host;
}

/** The HTTP answer to a refusal, whole. */
export function refusalResponse({ status, error, headers }: Refusal, reason: string): string {
  const body = JSON.stringify(error);
  const retryAfter = error.retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(error.retryAfterMs / 1000)}`];
  const lines = [
    `HTTP/1.1 ${status} ${reason}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...retryAfter,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** What is wrong with the handshake itself (RFC 6455 §4.2.1). */
function faultOf({ method, headers }: UpgradeRequest): Refusal | null {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return upgradeRequired();
  if (headers['sec-websocket-version'] !== '13') return upgradeRequired('Only WebSocket version 13 is spoken.');
  if (method !== 'GET' || !KEY.test(headers['sec-websocket-key'] ?? '')) {
    return refuse(new HubbubError('InvalidFormat', { message: 'This is no WebSocket handshake.' }));
  }
  return null;
}

/** Credentials, the first that is present: present and wrong is not the same as absent. */
function findToken(headers: IncomingHttpHeaders, offered: readonly string[], target: Target): string | null {
  const bearer = BEARER.exec(headers.authorization ?? '');
  if (bearer !== null) return bearer[1]?.trim() ?? '';
  const subprotocol = offered.find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  return subprotocol?.slice(BEARER_SUBPROTOCOL.length) ?? target.searchParams?.get('token') ?? null;
}

/** Whether the list of subprotocols is one: tokens, none of them twice, and not credentials alone. */
function isWellOffered(offered: readonly string[], named: readonly string[]): boolean {
  if (offered.length === 0) return true;
  if (named.length === 0 || new Set(offered).size < offered.length) return false;
  return offered.every((name) => SUBPROTOCOL.test(name));
}

/** What counts of a request target. */
interface Target {
  readonly pathname: string;
  /** Null: there is no query. */
  readonly searchParams: URLSearchParams | null;
}

/** Path and query of a request target, be it a path or a whole URL; null: it is none. */
export function parseTarget(target: string): Target | null {
  // As nearly all are, and as it is: parsing takes as long as all the rest of the decision.
  if (PLAIN_PATH.test(target)) return { pathname: target, searchParams: null };
  // Put together, not resolved: of `//other/ws` that would take `other` for the host.
  return parseUrl(target.startsWith('/') ? `http://host${target}` : target);
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** What the proxy itself put into a list: most proxies append to what the client sent, which may be anything. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return splitList(header).at(-1);
}

function splitList(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(',') : header;
  if (text === undefined) return [];
  return text.split(',').map((part) => part.trim());
}
