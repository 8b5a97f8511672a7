import { RevocationIndex } from './revocation-index.js';

describe('RevocationIndex', () => {
  let index: RevocationIndex;
  beforeEach(() => {
    index = new RevocationIndex();
  });

  it('refuses the tokens of a revoked user up to that second, and later ones not', () => {
    index.add({ kind: 'user', subject: 'alice', revokedAtS: 100, expiresAt: null });
    expect(index.refuses({ userId: 'alice', issuedAt: 99 })).toBe(true);
    expect(index.refuses({ userId: 'alice', issuedAt: 100 })).toBe(true);
    expect(index.refuses({ userId: 'alice', issuedAt: 100.9 })).toBe(true);
    expect(index.refuses({ userId: 'alice', issuedAt: 101 })).toBe(false);
    expect(index.refuses({ userId: 'bob', issuedAt: 99 })).toBe(false);
  });

  it('refuses a token of a revoked user that does not say when it was issued', () => {
    index.add({ kind: 'user', subject: 'alice', revokedAtS: 100, expiresAt: null });
    expect(index.refuses({ userId: 'alice' })).toBe(true);
  });

  it('keeps the later of two revocations of a user, whichever it learns first', () => {
    expect(index.add({ kind: 'user', subject: 'alice', revokedAtS: 200, expiresAt: null })).toBe(true);
    expect(index.add({ kind: 'user', subject: 'alice', revokedAtS: 100, expiresAt: null })).toBe(false);
    expect(index.refuses({ userId: 'alice', issuedAt: 150 })).toBe(true);
  });

  it('refuses one token by its id and all of a sign-in by its session, and does not mix them up', () => {
    index.add({ kind: 'token', subject: 'x', revokedAtS: 1, expiresAt: null });
    index.add({ kind: 'session', subject: 'y', revokedAtS: 1, expiresAt: null });
    expect(index.refuses({ userId: 'alice', issuedAt: 5, tokenId: 'x' })).toBe(true);
    expect(index.refuses({ userId: 'alice', issuedAt: 5, sessionId: 'y' })).toBe(true);
    expect(index.refuses({ userId: 'alice', issuedAt: 5, tokenId: 'y', sessionId: 'x' })).toBe(false);
    expect(index.refuses({ userId: 'x', issuedAt: 5 })).toBe(false);
  });

  it('tells news from what it knows', () => {
    const revocation = { kind: 'token', subject: 'x', revokedAtS: 1, expiresAt: null } as const;
    expect(index.add(revocation)).toBe(true);
    expect(index.add(revocation)).toBe(false);
  });

  it('forgets only what has ended by itself', () => {
    index.add({ kind: 'session', subject: 'old', revokedAtS: 1, expiresAt: 5000 });
    index.add({ kind: 'session', subject: 'young', revokedAtS: 1, expiresAt: 5001 });
    index.add({ kind: 'token', subject: 'for good', revokedAtS: 1, expiresAt: null });
    index.add({ kind: 'user', subject: 'alice', revokedAtS: 1, expiresAt: null });
    index.prune(5000);
    expect(index.size).toBe(3);
    expect(index.refuses({ userId: 'bob', issuedAt: 5, sessionId: 'old' })).toBe(false);
    expect(index.refuses({ userId: 'bob', issuedAt: 5, sessionId: 'young' })).toBe(true);
  });
});
