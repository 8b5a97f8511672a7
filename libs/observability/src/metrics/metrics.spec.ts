import { Metrics, MetricsModule } from '@hubbub/observability';
import { isHubbubError } from '@hubbub/protocol';
import { type ArgumentsHost, Catch, type DynamicModule, type ExceptionFilter } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Gauge } from 'prom-client';
import { type Family, parseExposition } from '../testing/exposition.js';

/** Answers a HubbubError with its status, as the gateway's own filter does. */
@Catch()
class StatusFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<{ status(code: number): { send(body: object): void } }>();
    if (!isHubbubError(error)) throw error;
    reply.status(error.httpStatus).send(error.toJSON());
  }
}

async function start(module: DynamicModule | typeof MetricsModule = MetricsModule): Promise<NestFastifyApplication> {
  const testing = await Test.createTestingModule({ imports: [module] }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  app.useGlobalFilters(new StatusFilter());
  await app.init();
  return app;
}

async function scrape(metrics: Metrics): Promise<Map<string, Family>> {
  return parseExposition(await metrics.registry.metrics());
}

describe('GET /metrics', () => {
  let app: NestFastifyApplication;
  afterEach(() => app.close());

  it('is well-formed Prometheus text of Hubbub and of Node', async () => {
    app = await start();
    const metrics = app.get(Metrics);
    metrics.commands.inc({ type: 'ping', code: 0 });
    metrics.commandDuration.observe({ type: 'ping' }, 0.002);
    const { statusCode, headers, body } = await app.inject({ url: '/metrics' });
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const families = parseExposition(body);
    expect(families.get('hubbub_commands_total')?.samples).toContainEqual({
      name: 'hubbub_commands_total',
      labels: { type: 'ping', code: '0' },
      value: 1,
    });
    expect(families.get('process_cpu_seconds_total')?.type).toBe('counter');
    expect(families.get('nodejs_eventloop_lag_seconds')).toBeDefined();
  });

  it('asks for the token where one is set, and takes a new one without a restart', async () => {
    let token: string | undefined = 'first';
    app = await start(MetricsModule.forRoot({ token: () => token }));
    const status = async (authorization?: string) =>
      (await app.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } })).statusCode;
    expect(await status()).toBe(401);
    expect(await status('Bearer firs')).toBe(401);
    expect(await status('Bearer other')).toBe(401);
    expect(await status('Bearer first')).toBe(200);
    token = 'second';
    expect(await status('Bearer first')).toBe(401);
    expect(await status('bearer second')).toBe(200);
    token = undefined;
    expect(await status()).toBe(200);
  });

  it('keeps several applications in one process apart', async () => {
    app = await start();
    const other = await start();
    app.get(Metrics).joins.inc();
    expect((await app.inject({ url: '/metrics' })).body).toContain('\nhubbub_joins_total 1\n');
    expect((await other.inject({ url: '/metrics' })).body).toContain('\nhubbub_joins_total 0\n');
    await other.close();
  });
});

describe('the table of metrics', () => {
  it('has names, units and help as Prometheus asks', async () => {
    const families = await scrape(new Metrics());
    expect(families.size).toBeGreaterThan(25);
    for (const [name, { type, help }] of families) {
      expect(name).toMatch(/^hubbub_[a-z]+(_[a-z]+)*$/);
      expect(help).toMatch(/^[A-Z].+\.$/);
      // As promtool check metrics: counters, and only they, end in _total; no unit but base units; no type in the name.
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(count|sum|bucket|info|ms|milliseconds|kb|counter|gauge|histogram)(_|$)/);
    }
  });

  it('has no label but type, code and result', () => {
    const labels = new Metrics().registry.getMetricsAsArray().flatMap((metric) => {
      return (metric as unknown as { labelNames: string[] }).labelNames;
    });
    expect([...new Set(labels)].sort()).toEqual(['code', 'result', 'type']);
  });

  it('counts what it is told, each label for itself', async () => {
    const metrics = new Metrics();
    metrics.framesIn.inc();
    metrics.bytesIn.inc(128);
    metrics.commands.inc({ type: 'ping', code: 0 });
    metrics.commands.of({ type: 'ping', code: 0 }).inc(2);
    metrics.commands.inc({ type: 'join_room', code: 3000 });
    metrics.closes.inc({ code: 4000 });
    const families = await scrape(metrics);
    const value = (name: string) => families.get(name)?.samples.map(({ labels, value: n }) => [labels, n]);
    expect(value('hubbub_frames_received_total')).toEqual([[{}, 1]]);
    expect(value('hubbub_received_bytes_total')).toEqual([[{}, 128]]);
    expect(value('hubbub_closes_total')).toEqual([[{ code: '4000' }, 1]]);
    expect(value('hubbub_commands_total')).toEqual([
      [{ type: 'ping', code: '0' }, 3],
      [{ type: 'join_room', code: '3000' }, 1],
    ]);
  });

  it('puts a quantity into every bucket that holds it, bounds included', async () => {
    const metrics = new Metrics();
    for (const size of [1, 2, 3, 5000]) metrics.appendBatch.observe(size);
    const samples = (await scrape(metrics)).get('hubbub_append_batch_messages')?.samples ?? [];
    const bucket = (le: string) => samples.find((sample) => sample.labels.le === le)?.value;
    expect([bucket('1'), bucket('2'), bucket('4'), bucket('1024'), bucket('+Inf')]).toEqual([1, 2, 3, 3, 4]);
    expect(samples.find((sample) => sample.name.endsWith('_sum'))?.value).toBe(5006);
    expect(samples.find((sample) => sample.name.endsWith('_count'))?.value).toBe(4);
  });

  it('tells who samples it what is in each bucket, and above all, and what all series or some come to', () => {
    const metrics = new Metrics();
    for (const size of [1, 2, 3, 5000]) metrics.appendBatch.observe(size);
    const sizes = new Float64Array(metrics.appendBatch.bounds.length + 1);
    metrics.appendBatch.addTo(sizes);
    expect([...sizes]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    for (const [type, code] of [
      ['ping', 0],
      ['ping', 1005],
      ['join_room', 0],
    ] as const) {
      metrics.commands.inc({ type, code });
      metrics.commandDuration.observe({ type }, 60);
    }
    expect([metrics.commands.total(), metrics.commands.total(({ code }) => code !== 0)]).toEqual([3, 1]);
    const times = new Float64Array(metrics.commandDuration.bounds.length + 1);
    metrics.commandDuration.addTo(times);
    expect(times.at(-1)).toBe(3);
  });

  it('adds up what a gauge was set to and what its sources say at the scrape', async () => {
    const metrics = new Metrics();
    let known = 5;
    metrics.connections.inc(3);
    metrics.connections.dec();
    const stop = metrics.connections.collect(() => known);
    const read = async () => (await scrape(metrics)).get('hubbub_connections')?.samples[0]?.value;
    expect(await read()).toBe(7);
    known = 10;
    expect(await read()).toBe(12);
    stop();
    expect(await read()).toBe(2);
  });

  it('counts together what would be more series than a closed set has, so that nobody can fill the memory', async () => {
    const metrics = new Metrics();
    for (let i = 0; i < 5000; i++) metrics.commands.inc({ type: `made_up_${i}`, code: 1006 });
    const samples = (await scrape(metrics)).get('hubbub_commands_total')?.samples ?? [];
    expect(samples.length).toBeLessThanOrEqual(1001);
    expect(samples.find(({ labels }) => labels.type === 'other')?.value).toBe(4000);
    expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(5000);
  });

  it('shows metrics that others add to its registry', async () => {
    const metrics = new Metrics();
    new Gauge({ name: 'my_game_players', help: 'Players.', registers: [metrics.registry] }).set(3);
    expect((await scrape(metrics)).get('my_game_players')?.samples[0]?.value).toBe(3);
  });
});
