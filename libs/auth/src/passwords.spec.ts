import { Passwords } from './passwords.js';

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
    let turns = 0;
    let hashing = true;
    const count = (): void => {
      turns++;
      if (hashing) setImmediate(count);
    };
    setImmediate(count);
    await passwords.hash('correct horse');
    hashing = false;
    // A hash on the loop would let one turn by; off it there are thousands.
    expect(turns).toBeGreaterThan(20);
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
