import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JwtService } from '@nestjs/jwt';
import { JwksKeys } from './jwks-keys.js';

interface Issuer {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly alg: 'RS256' | 'ES256';
}

const rsa = (kid: string): Issuer => ({ kid, alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
const ec = (kid: string): Issuer => ({ kid, alg: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
const first = rsa('first');
const second = ec('second');
const third = ec('third');

const sign = ({ privateKey, alg, kid }: Issuer, keyid: string | undefined = kid): string =>
  new JwtService({ privateKey }).sign({ sub: 'alice' }, { algorithm: alg, ...(keyid === '' ? {} : { keyid }) });
const jwk = ({ publicKey, kid, alg }: Issuer, withAlg = true) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  ...(withAlg ? { alg } : {}),
});

describe('JwksKeys', () => {
  let server: Server;
  let url: string;
  let published: object[] | null;
  let requests: number;
  let now: number;
  let keys: JwksKeys;
  let errors: unknown[];

  beforeEach(async () => {
    published = [jwk(first), jwk(second)];
    requests = 0;
    now = 0;
    errors = [];
    server = createServer((_, response) => {
      requests++;
      if (published === null) response.writeHead(500).end('broken');
      else response.end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    keys = new JwksKeys({ url, now: () => now, onError: (error) => errors.push(error) });
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const verify = async (token: string): Promise<unknown> => (await keys.find(token)).verify(token);
  const refusal = (token: string): Promise<string> =>
    verify(token).then(
      () => 'accepted',
      (error: Error) => error.name,
    );

  it('verify tokens of any key of the set, fetching it once', async () => {
    expect(await Promise.all([verify(sign(first)), verify(sign(second)), verify(sign(first))])).toEqual(
      Array(3).fill(expect.objectContaining({ sub: 'alice' })),
    );
    expect(requests).toBe(1);
  });

  it('refuse a token that names one key and is signed by another', async () => {
    expect(await refusal(sign(second, 'first'))).toBe('InvalidToken');
    expect(await refusal(sign(third, 'second'))).toBe('InvalidToken');
  });

  it('refuse HS256 with the public key as its secret, by its PEM and by its DER', async () => {
    const header = { algorithm: 'HS256', keyid: 'first' } as const;
    const pem = first.publicKey.export({ format: 'pem', type: 'spki' });
    const der = first.publicKey.export({ format: 'der', type: 'spki' });
    expect(await refusal(new JwtService({ secret: Buffer.from(pem) }).sign({ sub: 'alice' }, header))).toBe(
      'InvalidToken',
    );
    expect(await refusal(new JwtService({ secret: der }).sign({ sub: 'alice' }, header))).toBe('InvalidToken');
  });

  it('hold a key to the algorithm that the set names for it', async () => {
    const ps = new JwtService({ privateKey: first.privateKey }).sign(
      { sub: 'alice' },
      { algorithm: 'PS256', keyid: 'first' },
    );
    expect(await refusal(ps)).toBe('InvalidToken');
    published = [jwk(first, false)];
    keys = new JwksKeys({ url, now: () => now });
    expect(await refusal(ps)).toBe('accepted');
  });

  it('need no key id only when the set has one key', async () => {
    expect(await refusal(sign(first, ''))).toBe('InvalidToken');
    published = [jwk(first)];
    now += 5000;
    expect(await refusal(sign(first, ''))).toBe('accepted');
  });

  it('find a new key, at most 5 s after it was published', async () => {
    await verify(sign(first));
    published = [jwk(third)];
    expect(await refusal(sign(third))).toBe('InvalidToken');
    now += 5000;
    expect(await refusal(sign(third))).toBe('accepted');
    expect(await refusal(sign(first))).toBe('InvalidToken');
  });

  it('ask once in 5 s, however many tokens name keys that do not exist, and go on verifying the others', async () => {
    for (let n = 0; n < 50; n++) expect(await refusal(sign(first, `made up ${n}`))).toBe('InvalidToken');
    expect(await refusal(sign(first))).toBe('accepted');
    expect(requests).toBe(1);
  });

  it('say ServerError while the set was never there, and recover', async () => {
    published = null;
    expect(await refusal(sign(first))).toBe('ServerError');
    expect(await refusal(sign(first))).toBe('ServerError');
    expect(requests).toBe(1);
    expect(errors).toHaveLength(1);
    published = [jwk(first)];
    now += 5000;
    expect(await refusal(sign(first))).toBe('accepted');
  });

  it('go on with the keys known last while the issuer is away', async () => {
    await verify(sign(first));
    published = null;
    now += 3_600_000;
    expect(await refusal(sign(first))).toBe('accepted');
    expect(await refusal(sign(third))).toBe('InvalidToken');
  });

  it('renew an old set without making a token wait', async () => {
    await verify(sign(first));
    now += 600_001;
    expect(keys.find(sign(first))).not.toBeInstanceOf(Promise);
  });

  it.each(['', 'a.b.c', '....', 'bm90IGpzb24.e30.x', `${Buffer.from('{"kid":7}').toString('base64url')}.e30.x`])(
    'refuse %p without asking the issuer for a key',
    async (token) => {
      expect(await refusal(token)).toBe('InvalidToken');
      expect(requests).toBe(0);
    },
  );
});
