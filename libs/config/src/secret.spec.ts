import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSecret, HubbubConfig } from '@hubbub/config';

describe('auth.secret', () => {
  it.each([
    'short',
    'x'.repeat(31),
    'ä'.repeat(15),
    'a'.repeat(64),
    'abcabcabcabcabcabcabcabcabcabcabcabc',
    'a-string-secret-at-least-256-bits-long',
    'your-256-bit-secret-your-256-bit-secret',
    'change-me-change-me-change-me-change-me',
    'CHANGEME0123456789CHANGEME0123456789',
    'my-super-secret-jwt-key-for-production-use',
    'this-is-an-example-secret-of-32-bytes!!',
    '0123456789abcdef0123456789abcdef0123456789abcdef',
  ])('refuses %j: too short, guessable, or printed in somebody’s documents', (secret) => {
    expect(() => HubbubConfig.from({ auth: { secret } })).toThrow(/auth\.secret: (must have|is a published|repeats)/);
  });

  it('takes random ones in every usual writing', () => {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      for (let i = 0; i < 200; i++) {
        const secret = randomBytes(32).toString(encoding);
        expect(HubbubConfig.from({ auth: { secret } }).auth.secret).toBe(secret);
      }
    }
  });
});

describe('ensureSecret', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hubbub-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('makes one at first start that only the owner can read, and uses it from then on', async () => {
    const dataDir = join(folder, 'data');
    const first = HubbubConfig.from({ dataDir });
    expect(ensureSecret(first)).toBe(true);
    expect(Buffer.byteLength(first.auth.secret ?? '')).toBeGreaterThanOrEqual(64);
    expect((await stat(join(dataDir, 'secret'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['secret']);

    const second = HubbubConfig.from({ dataDir });
    expect(ensureSecret(second)).toBe(false);
    expect(second.auth.secret).toBe(first.auth.secret);
    expect(ensureSecret(second)).toBe(false);
  });

  it('makes another one for another folder', () => {
    const configs = ['a', 'b'].map((name) => HubbubConfig.from({ dataDir: join(folder, name) }));
    for (const config of configs) ensureSecret(config);
    expect(configs[0]?.auth.secret).not.toBe(configs[1]?.auth.secret);
  });

  it('writes nothing where a secret is configured', async () => {
    const secret = randomBytes(32).toString('hex');
    const config = HubbubConfig.from({ dataDir: join(folder, 'data'), auth: { secret } });
    expect(ensureSecret(config)).toBe(false);
    expect(config.auth.secret).toBe(secret);
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes permissions of others away from a file that was copied here', async () => {
    const made = HubbubConfig.from({ dataDir: folder });
    ensureSecret(made);
    const content = await readFile(join(folder, 'secret'));
    await rm(join(folder, 'secret'));
    await writeFile(join(folder, 'secret'), content, { mode: 0o644 });
    ensureSecret(HubbubConfig.from({ dataDir: folder }));
    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a file that was emptied or cannot be kept, and names it', async () => {
    await writeFile(join(folder, 'secret'), '');
    expect(() => ensureSecret(HubbubConfig.from({ dataDir: folder }))).toThrow(/at least 32 bytes \(.*secret\)/);
    await writeFile(join(folder, 'file'), '');
    const blocked = HubbubConfig.from({ dataDir: join(folder, 'file') });
    expect(() => ensureSecret(blocked)).toThrow(/cannot be kept: (EEXIST|ENOTDIR)/);
  });

  it('keeps the secret through a reload, which does not count it as changed', () => {
    const config = HubbubConfig.from({ dataDir: folder });
    ensureSecret(config);
    const { secret } = config.auth;
    const change = config.apply(HubbubConfig.from({ dataDir: folder, auth: { accessTtlS: 60 } }));
    expect(change).toEqual({ applied: ['auth.access_ttl_s'], needRestart: [] });
    expect([config.auth.secret, config.auth.accessTtlS]).toEqual([secret, 60]);
  });
});
