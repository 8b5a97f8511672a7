import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqliteDatabase } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import BetterSqlite3 from 'better-sqlite3';
import { MESSAGES_ENTITIES } from './message.entities.js';
import type { SeqRange } from './message-store.js';
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

  const contentJson = JSON.stringify('x'.repeat(98));

  it('stores in one thread, also where two are the first', async () => {
    const threads = jest.spyOn(database, 'inThread');
    const entry = { roomId: 'a', senderId: 'ann', senderName: 'Ann', contentJson };
    expect(await Promise.all([store.append([entry], 1), store.append([entry], 2)])).toMatchObject([
      [{ seq: 1 }],
      [{ seq: 2 }],
    ]);
    expect(threads).toHaveBeenCalledTimes(1);
  });

  it('reads no further than to the message that has too many characters with those before', async () => {
    const toRoom = { roomId: 'a', senderId: 'ann', senderName: 'Ann', contentJson };
    const toBob = { senderId: 'ann', senderName: 'Ann', targetId: 'bob', contentJson };
    for (let n = 0; n < 10; n++) await store.append([toRoom, toBob], 1);
    const read = async (range: SeqRange) => {
      const [room, inbox] = [await store.read('a', range), await store.readInbox('bob', range)];
      const [own, others] = [room?.messages.map(({ seq }) => seq), inbox.messages.map(({ seq }) => seq)];
      expect(others).toEqual(own);
      return [own, inbox.hasMore];
    };
    expect(await read({ limit: 10, maxChars: 299 })).toEqual([[1, 2, 3], true]);
    expect(await read({ limit: 10, maxChars: 300 })).toEqual([[1, 2, 3, 4], true]);
    expect(await read({ limit: 10, maxChars: 0, newest: true })).toEqual([[10], true]);
    expect(await read({ limit: 10, maxChars: 299, newest: true, before: 4 })).toEqual([[1, 2, 3], false]);
    expect(await read({ limit: 2, maxChars: 299, newest: true })).toEqual([[9, 10], true]);
  });
});
