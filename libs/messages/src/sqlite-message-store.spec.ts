import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqliteDatabase } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import BetterSqlite3 from 'better-sqlite3';
import { MESSAGES_ENTITIES } from './message.entities.js';
import { MESSAGES_MIGRATIONS } from './migrations/1700000000200-messages.js';
import { SqliteMessageStore } from './sqlite-message-store.js';

const schema = { entities: MESSAGES_ENTITIES, migrations: MESSAGES_MIGRATIONS };

describe('SqliteMessageStore while the database is', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hubbub-messages-'));
    file = join(folder, 'test.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const post = { roomId: 'a', senderId: 'ann', senderName: 'Ann', contentJson: '"hello"', idempotencyKey: 'k' };

  it('locked by another process stores nothing, says ServerError, and goes on afterwards', async () => {
    const database = await openTestDatabase({ ...schema, file, busyRetryMs: 5 });
    const store = new SqliteMessageStore(database);
    await database.transaction((manager) => store.create(manager, 'a', 'e'));
    const other = new BetterSqlite3(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append([post], 1000)).rejects.toMatchObject({ name: 'ServerError', retryable: true });
    other.exec('COMMIT');
    other.close();
    expect(await store.append([post], 2000)).toMatchObject([{ seq: 1, timestamp: 2000, duplicate: false }]);
    await database.close();
  });

  it('full stores nothing of the batch, says ServerError, and goes on when there is room', async () => {
    const database = await openTestDatabase({ ...schema, file });
    const store = new SqliteMessageStore(database);
    await database.transaction((manager) => store.create(manager, 'a', 'e'));
    await store.append([post], 1000);
    const pages = database.sqlite().pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${pages}`);
    const large = { ...post, idempotencyKey: 'k2', contentJson: JSON.stringify('x'.repeat(100_000)) };
    await expect(store.append([{ ...post, idempotencyKey: 'k3' }, large], 2000)).rejects.toMatchObject({
      name: 'ServerError',
    });
    expect(await store.head('a')).toMatchObject({ seq: 1 });
    database.pragma(`max_page_count = ${pages + 1000}`);
    expect(await store.append([{ ...post, idempotencyKey: 'k3' }, large], 3000)).toMatchObject([
      { seq: 2, duplicate: false },
      { seq: 3, duplicate: false },
    ]);
    await database.close();
  });
});

describe('SqliteMessageStore', () => {
  let database: SqliteDatabase;
  let store: SqliteMessageStore;
  beforeEach(async () => {
    database = await openTestDatabase(schema);
    store = new SqliteMessageStore(database);
    await database.transaction((manager) => store.create(manager, 'a', 'e'));
  });
  afterEach(() => database.close());

  it('stores in one thread, also where two are the first', async () => {
    const threads = jest.spyOn(database, 'inThread');
    const entry = { roomId: 'a', senderId: 'ann', senderName: 'Ann', contentJson: '"hello"' };
    expect(await Promise.all([store.append([entry], 1), store.append([entry], 2)])).toMatchObject([
      [{ seq: 1 }],
      [{ seq: 2 }],
    ]);
    expect(threads).toHaveBeenCalledTimes(1);
  });
});
