import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUniqueViolation, SqliteDatabase } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import type BetterSqlite3 from 'better-sqlite3';
import Sqlite from 'better-sqlite3';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { gate } from './testing/gate.js';
import { CreateNote1700000000000, Note } from './testing/note.js';

const SCHEMA = { entities: [Note], migrations: [CreateNote1700000000000] };
const UNAVAILABLE = { name: 'ServerError', code: 1003, retryable: true };

const add =
  (id: string, text = '') =>
  (manager: EntityManager) =>
    manager.insert(Note, { id, text });

describe('SqliteDatabase', () => {
  let folder: string;
  let file: string;
  let database: SqliteDatabase;
  let retries: number;
  let failures: string[];
  let onRetry: () => void;
  const others: BetterSqlite3.Database[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hubbub-storage-'));
    file = join(folder, 'sub', 'test.sqlite');
    [retries, failures, onRetry] = [0, [], () => {}];
    database = await SqliteDatabase.open({
      ...SCHEMA,
      file,
      busyRetryMs: 200,
      monitor: {
        retrying: () => {
          retries++;
          onRetry();
        },
        failed: (kind) => failures.push(kind),
        succeeded: () => {},
      },
    });
  });
  afterEach(async () => {
    await database.close();
    for (const other of others.splice(0)) other.close();
    await rm(folder, { recursive: true });
  });

  /** Another process's connection to the same file. */
  function another(): BetterSqlite3.Database {
    const other = new Sqlite(file, { timeout: 0 });
    others.push(other);
    return other;
  }
  const ids = async (): Promise<string[]> => {
    const notes = await database.read((manager) => manager.find(Note, { order: { id: 'ASC' } }));
    return notes.map((note) => note.id);
  };

  it('syncs every commit, never waits inside SQLite, and keeps references whole', async () => {
    const pragma = (name: string) => database.sqlite().pragma(name, { simple: true });
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('busy_timeout'), pragma('foreign_keys')]).toEqual([
      'wal',
      2,
      0,
      1,
    ]);
    await expect(
      database.exclusive(() => database.sqlite().exec(`INSERT INTO note_line VALUES ('absent')`)),
    ).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
  });

  it('never mixes writes that are under way at once: each shares only its own fate', async () => {
    const work = Array.from({ length: 40 }, (_, n) => {
      const id = String(n).padStart(2, '0');
      if (n % 4 === 0) return database.exclusive(() => database.sqlite().exec(`INSERT INTO note VALUES ('${id}', '')`));
      return database.transaction(async (manager) => {
        await add(id)(manager);
        await new Promise(setImmediate);
        await add(`${id}+`)(manager);
        if (n % 4 === 3) throw new Error('fails');
      });
    });
    const outcomes = await Promise.allSettled(work);
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(outcomes.map((_, n) => n % 4 !== 3));
    const expected = outcomes.flatMap((_, n) => {
      const id = String(n).padStart(2, '0');
      return [[id], [id, `${id}+`], [id, `${id}+`], []][n % 4] as string[];
    });
    expect(await ids()).toEqual(expected);
  });

  it('shows a reader nothing of a transaction before its commit, and does not make him wait for it', async () => {
    const [written, finish] = [gate(), gate()];
    const transaction = database.transaction(async (manager) => {
      await add('a')(manager);
      written.open();
      await finish.opened;
    });
    await written.opened;
    expect(await ids()).toEqual([]);
    expect(database.sqliteReader().prepare('SELECT count(*) AS n FROM note').get()).toEqual({ n: 0 });
    finish.open();
    await transaction;
    expect(await ids()).toEqual(['a']);
  });

  it('refuses to write through the reader', async () => {
    await expect(database.read(add('a'))).rejects.toMatchObject(UNAVAILABLE);
    expect(await ids()).toEqual([]);
  });

  it('waits for a lock of another process without stopping the event loop', async () => {
    const other = another();
    other.exec('BEGIN IMMEDIATE');
    const thrice = gate();
    onRetry = () => {
      if (retries >= 3) thrice.open();
    };
    const writing = database.transaction(add('a'));
    const bare = database.exclusive(() => database.sqlite().exec(`INSERT INTO note VALUES ('b', '')`));
    // Reached only because timers run while the lock is held; reads are served meanwhile.
    await thrice.opened;
    expect(await ids()).toEqual([]);
    other.exec('COMMIT');
    await writing;
    await bare;
    expect(await ids()).toEqual(['a', 'b']);
    expect(failures).toEqual([]);
  });

  it('tells the caller ServerError when the lock is not given up, stores nothing, and recovers', async () => {
    const other = another();
    other.exec('BEGIN IMMEDIATE');
    await expect(database.transaction(add('a'))).rejects.toMatchObject(UNAVAILABLE);
    expect(failures).toEqual(['write']);
    other.exec('ROLLBACK');
    expect(await ids()).toEqual([]);
    await database.transaction(add('b'));
    expect(await ids()).toEqual(['b']);
  });

  it('tells the caller ServerError when the disk is full, stores nothing, and goes on when there is room', async () => {
    await database.transaction(add('before'));
    const pages = database.sqlite().pragma('page_count', { simple: true }) as number;
    database.sqlite().pragma(`max_page_count = ${pages + 2}`);
    const large = 'x'.repeat(100_000);
    const failing = database.transaction(async (manager) => {
      await add('small')(manager);
      await add('large', large)(manager);
    });
    await expect(failing).rejects.toMatchObject(UNAVAILABLE);
    await expect(
      database.exclusive(() => database.sqlite().prepare('INSERT INTO note VALUES (?, ?)').run('alone', large)),
    ).rejects.toMatchObject(UNAVAILABLE);
    expect(await ids()).toEqual(['before']);

    database.sqlite().pragma('max_page_count = 1000000');
    await database.transaction(add('large', large));
    expect(await ids()).toEqual(['before', 'large']);
  });

  it('leaves a violated constraint to the store, which can tell it is a repeat', async () => {
    await database.transaction(add('a'));
    const repeat = database.transaction(add('a')).catch((error: unknown) => error);
    expect(isUniqueViolation(await repeat)).toBe(true);
    expect(isUniqueViolation(new Error('other'))).toBe(false);
    expect(failures).toEqual([]);
  });

  it('finishes the writes that are queued before it closes, then answers ServerError', async () => {
    await database.ping();
    const last = database.transaction(add('last'));
    await database.close();
    await last;
    await expect(database.ping()).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.transaction(add('late'))).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.exclusive(() => database.sqlite().exec('SELECT 1'))).rejects.toMatchObject(UNAVAILABLE);
    await database.close();
    expect(another().prepare('SELECT id FROM note').all()).toEqual([{ id: 'last' }]);
  });

  it('runs a migration once, also when two open the file at once', async () => {
    const fresh = join(folder, 'fresh.sqlite');
    const opened = await Promise.all([
      openTestDatabase({ ...SCHEMA, file: fresh }),
      openTestDatabase({ ...SCHEMA, file: fresh }),
    ]);
    const count = opened[0].sqliteReader().prepare('SELECT count(*) AS n FROM migrations').get();
    expect(count).toEqual({ n: 1 });
    for (const one of opened) await one.close();
  });

  it('leaves nothing of a migration that fails, so that the next start tries again', async () => {
    class Broken1700000000001 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('CREATE TABLE half (id int)');
        throw new Error('broken migration');
      }
      async down(): Promise<void> {}
    }
    const fresh = join(folder, 'broken.sqlite');
    const migrations = [CreateNote1700000000000, Broken1700000000001];
    await expect(SqliteDatabase.open({ entities: [Note], migrations, file: fresh })).rejects.toThrow(
      'broken migration',
    );
    const repaired = await openTestDatabase({ ...SCHEMA, file: fresh });
    expect(repaired.sqlite().prepare(`SELECT name FROM sqlite_master WHERE name = 'half'`).all()).toEqual([]);
    await repaired.transaction(add('a'));
    await repaired.close();
  });

  it('refuses to open what is no database', async () => {
    const wrong = join(folder, 'wrong.sqlite');
    await writeFile(wrong, 'not a database '.repeat(100));
    await expect(SqliteDatabase.open({ ...SCHEMA, file: wrong })).rejects.toMatchObject({ code: 'SQLITE_NOTADB' });
  });
});
