import { Metrics } from '@hubbub/observability';
import { AuthApp } from './testing/auth-app.js';

describe('HTTP rate limit (PROTOCOL §9)', () => {
  let app: AuthApp;
  beforeEach(async () => {
    app = await AuthApp.start({ config: { limits: { httpPerS: 1, httpBurst: 3 } } });
  });
  afterEach(() => app.close());

  const get = (path: string, ip = '198.51.100.1') => app.request('GET', path, { ip });

  it('lets a burst through for each address, then answers 429 with Retry-After, also where there is no route', async () => {
    const answers = [];
    for (let n = 0; n < 4; n++) answers.push(await get('/no/such/path'));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 429]);
    expect(answers[3]?.body).toMatchObject({
      code: 1005,
      name: 'RateLimited',
      retryable: true,
      retry_after_ms: expect.any(Number),
    });
    expect(Number(answers[3]?.headers['retry-after'])).toBe(1);
    expect(app.app.get(Metrics).rateLimited.value).toBe(1);
    expect((await get('/no/such/path', '198.51.100.2')).status).toBe(404);
    app.clock.advance(1);
    expect((await get('/no/such/path')).status).toBe(404);
  });

  it('does not count probes, nor believe in paths that only look like them', async () => {
    for (let n = 0; n < 10; n++) expect((await get('/health/live')).status).not.toBe(429);
    for (let n = 0; n < 3; n++) expect((await get('/health/live/x')).status).toBe(404);
    // A scrape is dear: it is counted.
    expect((await get('/metrics')).status).toBe(429);
  });

  it('counts all addresses of an IPv6 network as one', async () => {
    for (let n = 0; n < 3; n++) await get('/x', `2001:db8::${n}`);
    expect((await get('/x', '2001:db8::9')).status).toBe(429);
    expect((await get('/x', '2001:db8:0:1::9')).status).toBe(404);
  });
});
