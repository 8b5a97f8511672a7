import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubbubConfig, type PartialConfig } from '@hubbub/config';
import { JwtService } from '@nestjs/jwt';
import { Clock } from './clock.js';
import { TokenService } from './token.service.js';

const SECRET = 'b8k2-vR!q93mZx7-LpW0sT5uYd1nHc4e';
const OTHER = 'q7w1-eR!t52yUi8-OpA3sD6fGh9jKl0z';
const NOW_S = 1_700_000_000;

class FixedClock extends Clock {
  nowMs = NOW_S * 1000;
  override now(): number {
    return this.nowMs;
  }
}

const alice = { userId: 'alice', username: 'Alice', permissions: ['send:message'] };
const claims = { user_id: 'alice', username: 'Alice', iss: 'hubbub', iat: NOW_S, exp: NOW_S + 60 };

describe('TokenService', () => {
  let clock: FixedClock;
  beforeEach(() => {
    clock = new FixedClock();
  });

  const service = (auth: PartialConfig['auth'] = {}) =>
    new TokenService(HubbubConfig.from({ auth: { secret: SECRET, ...auth } }), clock);
  const signWith = (secret: string, algorithm: 'HS256' | 'HS512' = 'HS256', payload: object = claims) =>
    new JwtService({ secret }).sign(payload, { algorithm });
  const refusal = (tokens: TokenService, token: string): Promise<string> =>
    tokens.verify(token).then(
      () => 'accepted',
      (error: Error) => error.name,
    );

  it('verifies what it signs', async () => {
    const tokens = service();
    const { token, expiresAtS } = tokens.sign({ ...alice, sessionId: 'family' });
    expect(expiresAtS).toBe(NOW_S + 900);
    expect(await tokens.verify(token)).toEqual({
      userId: 'alice',
      username: 'Alice',
      grants: ['send:message'],
      issuedAtS: NOW_S,
      expiresAtS: NOW_S + 900,
      tokenId: expect.any(String),
      sessionId: 'family',
    });
  });

  it('looks at the times of a token that it has accepted before', async () => {
    const tokens = service();
    const token = signWith(SECRET);
    expect(await refusal(tokens, token)).toBe('accepted');
    clock.nowMs += 60_000;
    expect(await refusal(tokens, token)).toBe('TokenExpired');
  });

  it('verifies tokens that other services sign with the secret', async () => {
    expect(await refusal(service(), signWith(SECRET))).toBe('accepted');
  });

  it('gives each token an id of its own, and audience and life as configured', async () => {
    const tokens = service({ audience: 'chat', accessTtlS: 60 });
    const [first, second] = await Promise.all([1, 2].map(() => tokens.verify(tokens.sign(alice).token)));
    expect(first?.tokenId).not.toBe(second?.tokenId);
    expect(first?.expiresAtS).toBe(NOW_S + 60);
    expect(await refusal(service(), tokens.sign(alice).token)).toBe('accepted');
    expect(await refusal(tokens, service().sign(alice).token)).toBe('InvalidToken');
  });

  it('refuses an expired token as TokenExpired', async () => {
    const tokens = service();
    const { token } = tokens.sign(alice);
    clock.nowMs += 899_999;
    expect(await refusal(tokens, token)).toBe('accepted');
    clock.nowMs += 1;
    expect(await refusal(tokens, token)).toBe('TokenExpired');
  });

  it('refuses other secrets, other algorithms and unsigned tokens', async () => {
    const tokens = service();
    const unsigned = new JwtService({}).sign(claims, { algorithm: 'none' });
    expect(await refusal(tokens, signWith(OTHER))).toBe('InvalidToken');
    expect(await refusal(tokens, signWith(SECRET, 'HS512'))).toBe('InvalidToken');
    expect(await refusal(tokens, unsigned)).toBe('InvalidToken');
    expect(await refusal(tokens, unsigned.replace(/\.$/, '.AAAA'))).toBe('InvalidToken');
  });

  it('refuses a token of which one character was changed', async () => {
    const tokens = service();
    const { token } = tokens.sign(alice);
    for (let at = 0; at < token.length; at += 7) {
      const changed = token[at] === 'A' ? 'B' : 'A';
      expect(await refusal(tokens, token.slice(0, at) + changed + token.slice(at + 1))).toBe('InvalidToken');
    }
  });

  it.each(['', '.', '..', 'a.b.c', 'x'.repeat(10_000), 'null.null.null', '\0'])('refuses %p', async (token) => {
    expect(await refusal(service(), token)).toBe('InvalidToken');
  });

  it('looks roles up in the configuration of the moment', async () => {
    const tokens = service({ roles: { player: ['roll:dice'] } });
    const { token } = tokens.sign({ ...alice, permissions: [], roles: ['player'] });
    expect((await tokens.verify(token)).grants).toEqual(['roll:dice']);
  });

  describe('with a public key', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const issuer = new JwtService({ privateKey: pair.privateKey });

    it('verifies tokens of its private key, by any RSA algorithm', async () => {
      const tokens = service({ publicKey: pem });
      expect(await refusal(tokens, issuer.sign(claims, { algorithm: 'RS256' }))).toBe('accepted');
      expect(await refusal(tokens, issuer.sign(claims, { algorithm: 'PS512' }))).toBe('accepted');
    });

    it('refuses HS256, be the secret its own or the text of the key', async () => {
      const tokens = service({ publicKey: pem });
      expect(await refusal(tokens, signWith(SECRET))).toBe('InvalidToken');
      expect(await refusal(tokens, signWith(pem))).toBe('InvalidToken');
      expect(await refusal(tokens, signWith(pem.trim()))).toBe('InvalidToken');
    });

    it('signs nothing', () => {
      const tokens = service({ publicKey: pem });
      expect(tokens.canSign).toBe(false);
      expect(() => tokens.sign(alice)).toThrow(expect.objectContaining({ name: 'Forbidden' }));
    });

    it('verifies by elliptic curves, and stops the start with a key that JWTs cannot use', async () => {
      const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
      const ecPem = ec.publicKey.export({ format: 'pem', type: 'spki' }).toString();
      const token = new JwtService({ privateKey: ec.privateKey }).sign(claims, { algorithm: 'ES384' });
      expect(await refusal(service({ publicKey: ecPem }), token)).toBe('accepted');
      const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
      expect(() => service({ publicKey: ed })).toThrow(/ed25519/);
    });
  });

  it('makes a secret where none is configured, and keeps it', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-auth-'));
    try {
      const make = () => new TokenService(HubbubConfig.from({ dataDir }), clock);
      const { token } = make().sign(alice);
      expect(await refusal(make(), token)).toBe('accepted');
      expect(await refusal(make(), signWith(readFileSync(join(dataDir, 'secret'), 'utf8').trim()))).toBe('accepted');
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
