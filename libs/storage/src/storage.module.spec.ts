import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigModule, HubbubConfig } from '@hubbub/config';
import { HealthModule, Metrics, MetricsModule } from '@hubbub/observability';
import { Database, type SqliteDatabase, StorageModule } from '@hubbub/storage';
import { describeWithOwnServer } from '@hubbub/storage/testing';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CreateNote1700000000000, Note } from './testing/note.js';

describe('StorageModule', () => {
  let dataDir: string;
  let logged: unknown[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hubbub-storage-module-'));
    logged = [];
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const start = (config: HubbubConfig): Promise<NestFastifyApplication> =>
    startApp(config, (message) => logged.push(message));

  it('makes the database in data_dir, with its tables', async () => {
    const app = await start(HubbubConfig.from({ dataDir: join(dataDir, 'new') }));
    await app.get(Database).transaction((manager) => manager.insert(Note, { id: 'a', text: '' }));
    expect((await stat(join(dataDir, 'new', 'hubbub.sqlite'))).size).toBeGreaterThan(0);
    await app.close();
  });

  it('opens the file that database.url names', async () => {
    const url = join(dataDir, 'elsewhere.sqlite');
    const app = await start(HubbubConfig.from({ dataDir, database: { url } }));
    expect((await stat(url)).size).toBeGreaterThan(0);
    await app.close();
  });

  it('makes the node not ready while the database is away', async () => {
    const app = await start(HubbubConfig.from({ dataDir }));
    const ready = async () => (await app.inject({ url: '/health/ready' })).statusCode;
    expect(await ready()).toBe(200);
    await app.get(Database).close();
    expect(await ready()).toBe(503);
    await app.close();
  });

  it('counts failures and retries, and logs an outage once at its begin and once at its end', async () => {
    const app = await start(HubbubConfig.from({ dataDir }));
    const database = app.get<SqliteDatabase>(Database);
    const metrics = app.get(Metrics);
    const large = 'x'.repeat(100_000);
    const insert = (id: string) => database.transaction((manager) => manager.insert(Note, { id, text: large }));
    logged = [];

    const pages = database.sqlite().pragma('page_count', { simple: true }) as number;
    database.sqlite().pragma(`max_page_count = ${pages + 2}`);
    for (let i = 0; i < 3; i++) await expect(insert('a')).rejects.toMatchObject({ name: 'ServerError' });
    await database.ping();
    database.sqlite().pragma('max_page_count = 1000000');
    await insert('a');
    await insert('b');
    expect(metrics.databaseErrors.value).toBe(3);
    expect(logged).toEqual([
      { msg: 'database not available', access: 'write', err: expect.objectContaining({ code: 'SQLITE_FULL' }) },
      { msg: 'database available again', access: 'write' },
    ]);

    let attempts = 0;
    await database.exclusive(() => {
      if (++attempts === 1) throw Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' });
    });
    expect(metrics.databaseRetries.value).toBe(1);
    await app.close();
  });
});

describeWithOwnServer('StorageModule', (start, type) => {
  it('makes the node not ready while the server is away, and ready again by itself', async () => {
    const server = await start();
    const app = await startApp(HubbubConfig.from({ database: { type, url: server.url } }), () => {});
    const ready = async () => (await app.inject({ url: '/health/ready' })).statusCode;
    expect(await ready()).toBe(200);
    await server.kill();
    expect(await ready()).toBe(503);
    await server.start();
    while ((await ready()) !== 200);
    await app.close();
    await server.remove();
  }, 60_000);
});

async function startApp(config: HubbubConfig, write: (message: unknown) => void): Promise<NestFastifyApplication> {
  const storage = StorageModule.forRoot({ entities: [Note], migrations: [CreateNote1700000000000] });
  const imports = [ConfigModule.forRoot(config), MetricsModule, HealthModule, storage];
  const testing = await Test.createTestingModule({ imports })
    .setLogger({ log: write, warn: write, error: write })
    .compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await app.init();
  return app;
}
