import type { Database } from '@hubbub/storage';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import type { EntityManager } from 'typeorm';
import { AUTH_ENTITIES, AUTH_MIGRATIONS } from './auth-storage.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { refreshTokenStore } from './refresh-token-store.js';
import { type Rotation, refreshTokens, type TokenTimes } from './refresh-tokens.js';
import { UserEntity } from './user.entity.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

describeOnEveryDatabase('refresh tokens', (open) => {
  let database: Database;
  let now: number;

  beforeEach(async () => {
    database = await open({ entities: AUTH_ENTITIES, migrations: AUTH_MIGRATIONS });
    now = 1_700_000_000_000;
    await database.transaction(async (manager) => {
      await manager.insert(UserEntity, { id: 'alice', username: 'Alice', passwordHash: 'x', createdAt: now });
    });
  });
  afterEach(() => database.close());

  const times = (): TokenTimes => ({ now, expiresAt: now + 30 * DAY, accessExpiresAt: now + 15 * MINUTE });
  const start = async (): Promise<string> =>
    (await database.transaction((manager) => refreshTokens.start(manager, 'alice', times()))).token;
  const rotate = (token: string, key?: string): Promise<Rotation> =>
    database.transaction((manager) => refreshTokens.rotate(manager, token, key, times()));
  /** Rotates, and gives the next token. */
  const next = async (token: string, key?: string): Promise<string> => {
    const rotation = await rotate(token, key);
    if (rotation.kind !== 'rotated') throw new Error(`expected a new token: ${rotation.kind}`);
    return rotation.issued.token;
  };
  const kind = async (token: string, key?: string): Promise<string> => (await rotate(token, key)).kind;
  const rows = (): Promise<RefreshTokenEntity[]> => database.read((manager) => manager.find(RefreshTokenEntity));

  it('can be used once each, one after another', async () => {
    const first = await start();
    const second = await next(first);
    const third = await next(second);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(first).toMatch(/^[\w-]{43}$/);
  });

  it('are in no column of the table', async () => {
    const token = await start();
    await next(token, 'a key that nobody should read');
    const stored = JSON.stringify(await rows());
    expect(stored).not.toContain(token);
    expect(stored).not.toContain('a key that nobody should read');
  });

  it('end their family when a used one comes again, and say until when its access tokens live', async () => {
    const first = await start();
    const begun = now;
    now += 5 * MINUTE;
    const second = await next(first);
    const rotation = await rotate(first);
    expect(rotation).toMatchObject({
      kind: 'reused',
      ended: { userId: 'alice', accessExpiresAt: begun + 5 * MINUTE + 15 * MINUTE },
    });
    expect(await kind(second)).toBe('unknown');
    expect(await rows()).toEqual([]);
  });

  it('of another sign-in of the user are not touched by a reuse', async () => {
    const stolen = await start();
    const other = await start();
    await next(stolen);
    await rotate(stolen);
    expect(await kind(other)).toBe('rotated');
  });

  it('that were never given out, or have expired, are unknown and end nothing', async () => {
    const token = await start();
    expect(await kind('never given out')).toBe('unknown');
    now += 30 * DAY;
    expect(await kind(token)).toBe('unknown');
    now -= 1;
    expect(await kind(token)).toBe('rotated');
  });

  describe('whose answer was lost', () => {
    it('can be used again with the same key: the lost one is withdrawn, and its use would end the family', async () => {
      const first = await start();
      const lost = await next(first, 'key');
      const got = await next(first, 'key');
      const later = await next(got);
      expect(await kind(lost)).toBe('reused');
      expect(await kind(later)).toBe('unknown');
    });

    it('can be used again several times', async () => {
      const first = await start();
      await next(first, 'key');
      await next(first, 'key');
      const got = await next(first, 'key');
      expect(await kind(got)).toBe('rotated');
    });

    it.each([
      ['without a key', undefined, 'key', 0],
      ['with another key', 'other', 'key', 0],
      ['with a key that the first use did not have', 'key', undefined, 0],
      ['after more than a minute', 'key', 'key', MINUTE + 1],
    ])('are reused %s', async (_, keyNow, keyThen, wait) => {
      const first = await start();
      await next(first, keyThen);
      now += wait;
      expect(await kind(first, keyNow)).toBe('reused');
    });

    it('are reused once the next one has been used: its answer was not lost', async () => {
      const first = await start();
      const second = await next(first, 'key');
      await next(second);
      expect(await kind(first, 'key')).toBe('reused');
    });
  });

  it('end with a sign-out, by whichever of the family', async () => {
    const first = await start();
    const second = await next(first);
    const ended = await database.transaction((manager) => refreshTokens.end(manager, first));
    expect(ended).toMatchObject({ userId: 'alice' });
    expect(await kind(second)).toBe('unknown');
    expect(await database.transaction((manager) => refreshTokens.end(manager, second))).toBeNull();
  });

  it('take a bounded number of rows a sign-in, however often it is refreshed', async () => {
    let token = await start();
    for (let n = 0; n < 120; n++) token = await next(token);
    expect((await rows()).length).toBeLessThanOrEqual(101);
  });

  it('are kept for 100 sign-ins of a user: the oldest ends', async () => {
    const tokens: string[] = [];
    for (let n = 0; n < 102; n++) {
      now += 1;
      tokens.push(await start());
    }
    expect(await rows()).toHaveLength(100);
    expect(await kind(tokens[1] ?? '')).toBe('unknown');
    expect(await kind(tokens[2] ?? '')).toBe('rotated');
  });

  describe('at two nodes at once', () => {
    let other: Database;
    beforeEach(async () => {
      other = await open({ like: database });
    });
    afterEach(() => other.close());
    const rotateAt = (node: Database, token: string, key?: string): Promise<Rotation> =>
      node.transaction((manager) => refreshTokens.rotate(manager, token, key, times()));

    it('can be used once: the second use ends the family, with the token that the first one made', async () => {
      for (let n = 0; n < 10; n++) {
        const token = await start();
        const kinds = await Promise.all([rotateAt(database, token), rotateAt(other, token)]);
        expect(kinds.map((rotation) => rotation.kind).sort()).toEqual(['reused', 'rotated']);
        expect(await rows()).toEqual([]);
      }
    });

    it('give a retry one token that is in use', async () => {
      for (let n = 0; n < 10; n++) {
        const token = await start();
        const rotations = await Promise.all([rotateAt(database, token, 'key'), rotateAt(other, token, 'key')]);
        expect(rotations.map((rotation) => rotation.kind)).toEqual(['rotated', 'rotated']);
        expect((await rows()).filter(({ usedAt }) => usedAt === null)).toHaveLength(n + 1);
      }
    });

    it('leave nothing in use of a family that ends, or of a user whose sessions end, while one is made', async () => {
      for (let n = 0; n < 10; n++) {
        const first = await start();
        const second = await next(first);
        const end = (manager: EntityManager) =>
          n % 2 === 0 ? refreshTokens.end(manager, first) : refreshTokens.endAll(manager, 'alice');
        await Promise.all([rotateAt(database, second), other.transaction<unknown>(end)]);
        expect(await rows()).toEqual([]);
      }
    });

    it('are kept for 100 sign-ins of a user, however many begin at once', async () => {
      for (let n = 0; n < 98; n++) await start();
      const begin = (node: Database) => node.transaction((manager) => refreshTokens.start(manager, 'alice', times()));
      await Promise.all(Array.from({ length: 10 }, (_, n) => begin(n % 2 === 0 ? database : other)));
      expect(await rows()).toHaveLength(100);
    });
  });

  it('are removed once they have expired, in batches', async () => {
    for (let n = 0; n < 5; n++) await start();
    now += 30 * DAY + 1;
    const fresh = await start();
    const prune = () => database.transaction((manager) => refreshTokenStore.prune(manager, now, 3));
    expect([await prune(), await prune(), await prune()]).toEqual([3, 2, 0]);
    expect(await kind(fresh)).toBe('rotated');
  });
});
