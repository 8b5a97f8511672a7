/** What anybody does with a token at the least: an HS256 signature and an expiry, once an upgrade, with Node's own crypto. */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const secret = process.env['BENCH_SECRET'];
const key = secret === undefined ? null : createSecretKey(Buffer.from(secret));

/** Whether an upgrade may pass: always, unless the run is about tokens. */
export function mayPass({ headers }: IncomingMessage): boolean {
  if (key === null) return true;
  const [header, claims, signature] = headers.authorization?.slice('Bearer '.length).split('.') ?? [];
  if (claims === undefined || signature === undefined) return false;
  const expected = createHmac('sha256', key).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).exp > Date.now() / 1000;
}

/** The same for `ws`; nothing where nothing is checked, so that a handshake does not even pay the call. */
export const tokenOptions = key === null ? {} : { verifyClient: ({ req }: { req: IncomingMessage }) => mayPass(req) };
