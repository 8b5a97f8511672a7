import { HealthModule, HealthRegistry, MetricsModule } from '@hubbub/observability';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { parseExposition } from '../testing/exposition.js';

interface Report {
  status: string;
  version?: string;
  details: Record<string, { status: string } & Record<string, unknown>>;
}

describe('health', () => {
  let app: NestFastifyApplication;
  let registry: HealthRegistry;

  beforeEach(async () => {
    const testing = await Test.createTestingModule({ imports: [HealthModule.forRoot({ version: '1.2.3' })] }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    registry = app.get(HealthRegistry);
  });
  afterEach(() => app.close());

  async function get(url: string): Promise<{ code: number; report: Report; cacheControl: unknown }> {
    const answer = await app.inject({ url });
    return { code: answer.statusCode, report: answer.json<Report>(), cacheControl: answer.headers['cache-control'] };
  }

  it('tells version, memory and event-loop lag, and is not cached', async () => {
    const { code, report, cacheControl } = await get('/health');
    expect([code, report.status, report.version]).toEqual([200, 'ok', '1.2.3']);
    expect(report.details.memory).toMatchObject({ status: 'up', rss_mb: expect.any(Number) });
    expect(report.details.event_loop).toMatchObject({ status: 'up', p99_ms: expect.any(Number) });
    expect(cacheControl).toContain('no-store');
  });

  it('is not ready while something it needs is down, and lives on', async () => {
    let down = true;
    registry.register({
      name: 'database',
      ready: true,
      check: async () => {
        if (down) throw new Error('away');
        return { ms: 1 };
      },
    });
    const { code, report } = await get('/health/ready');
    expect([code, report.status]).toEqual([503, 'error']);
    expect(report.details.database).toMatchObject({ status: 'down', message: 'away' });
    expect((await get('/health')).code).toBe(503);
    expect((await get('/health/live')).code).toBe(200);

    down = false;
    expect((await get('/health/ready')).code).toBe(200);
  });

  it('stays ready while something it can do without is down', async () => {
    registry.register({ name: 'extra', ready: false, check: () => Promise.reject(new Error('away')) });
    expect((await get('/health/ready')).code).toBe(200);
    expect((await get('/health')).code).toBe(503);
  });

  it('calls a check that works but not well degraded, with its figures', async () => {
    registry.register({ name: 'bus', ready: true, check: async () => ({ degraded: true, pending: 7 }) });
    const { code, report } = await get('/health/ready');
    expect([code, report.status]).toEqual([200, 'degraded']);
    expect(report.details.bus).toMatchObject({ status: 'degraded', pending: 7 });
  });

  it('refuses a second check of the same name', () => {
    expect(() => registry.register({ name: 'memory', ready: true, check: async () => ({}) })).toThrow(/already/);
  });

  it('is a metric too: 1 for each check that is up, 0 for one that is down or degraded', async () => {
    await app.close();
    const testing = await Test.createTestingModule({ imports: [HealthModule, MetricsModule] }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    const checks = app.get(HealthRegistry);
    checks.register({ name: 'well', ready: true, check: async () => ({}) });
    checks.register({ name: 'away', ready: true, check: () => Promise.reject(new Error('away')) });
    checks.register({ name: 'weak', ready: true, check: async () => ({ degraded: true }) });
    const { body } = await app.inject({ url: '/metrics' });
    const samples = parseExposition(body).get('hubbub_healthy')?.samples ?? [];
    const states = Object.fromEntries(samples.map(({ labels, value }) => [labels.check, value]));
    expect(states).toEqual({ memory: 1, event_loop: 1, well: 1, away: 0, weak: 0 });
  });
});
