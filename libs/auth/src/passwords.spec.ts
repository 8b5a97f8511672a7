import { pbkdf2 as pbkdf2Callback } from 'node:crypto';
import { promisify } from 'node:util';
import { Passwords } from './passwords.js';

const pbkdf2 = promisify(pbkdf2Callback);
const THREADS = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);

describe('Passwords', () => {
  const passwords = new Passwords();

  it('are stored as argon2id with 19 MiB, two passes and a salt', async () => {
    const [first, second] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
  });

  it('match themselves alone', async () => {
    const stored = await passwords.hash('correct horse');
    await expect(passwords.matches(stored, 'correct horse')).resolves.toBe(true);
    await expect(passwords.matches(stored, 'Correct horse')).resolves.toBe(false);
    await expect(passwords.matches(null, 'correct horse')).resolves.toBe(false);
    await expect(passwords.matches(null, 'no password that anybody has')).resolves.toBe(false);
  });

  it('are the same however their accents are composed', async () => {
    const stored = await passwords.hash('caf\u00e9 au lait');
    await expect(passwords.matches(stored, 'cafe\u0301 au lait')).resolves.toBe(true);
  });

  it('are hashed for a name that does not exist as for one that does, so that the time tells nothing', async () => {
    const busy = new Passwords({ concurrency: 1, maxWaiting: 0 });
    await busy.prepare();
    const hashing = busy.hash('correct horse');
    // Refused for want of a place to hash in: an answer without hashing would have come.
    await expect(busy.matches(null, 'correct horse')).rejects.toMatchObject({ name: 'RateLimited' });
    await expect(busy.matches(await hashing, 'correct horse')).resolves.toBe(true);
  });

  it('are hashed off the event loop', async () => {
    const done: string[] = [];
    // All threads of the pool have something to do: a hash that waits for one of them is not the first to be done.
    const others = Array.from({ length: THREADS }, async () => {
      await pbkdf2('correct horse', 'salt', 1000, 32, 'sha256');
      done.push('other');
    });
    const hashing = passwords.hash('correct horse').then(() => done.push('hash'));
    await Promise.all([...others, hashing]);
    expect(done).toHaveLength(THREADS + 1);
    expect(done[0]).toBe('other');
  });

  it('are refused, not queued without end, when too many wait', async () => {
    const busy = new Passwords({ concurrency: 1, maxWaiting: 2 });
    const stored = await busy.hash('correct horse');
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => busy.matches(stored, 'correct horse')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toMatchObject({ name: 'RateLimited', retryAfterMs: 1000 });
    await expect(busy.matches(stored, 'correct horse')).resolves.toBe(true);
  });
});
