import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { isUniqueViolation, type SqliteDatabase } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import Sqlite from 'better-sqlite3';
import { CreateNote1700000000000, Note } from './testing/note.js';
import type { NoteRequest } from './testing/note-job.js';

const HERE = pathToFileURL(__filename);
const JOB = new URL('./testing/note-job.js', HERE);
const SCHEMA = { entities: [Note], migrations: [CreateNote1700000000000] };

describe('a job in the thread of a SQLite database', () => {
  let database: SqliteDatabase;
  let run: (request: NoteRequest) => Promise<number>;
  beforeEach(async () => {
    database = await openTestDatabase(SCHEMA);
    run = database.inThread<NoteRequest, number>(JOB, null);
  });
  afterEach(() => database.close());

  const count = () => database.read((manager) => manager.count(Note));

  it('lets the event loop go on, and what else writes wait its turn', async () => {
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    const first = run({ add: 'first', asleep });
    const second = database.transaction(async (manager) => {
      await manager.insert(Note, { id: 'second', text: '' });
      return manager.count(Note);
    });
    // Never reached if the job were done on this loop: nobody else wakes it.
    expect(await count()).toBe(0);
    Atomics.store(asleep, 0, 1);
    Atomics.notify(asleep, 0);
    expect(await Promise.all([first, second, run({ add: 'third' })])).toEqual([1, 2, 3]);
  });

  it('that fails says why, and the next one is done', async () => {
    await run({ add: 'a' });
    const repeat: unknown = await run({ add: 'a' }).catch((error: unknown) => error);
    expect(isUniqueViolation(repeat)).toBe(true);
    // Where it happened, not where it was told.
    expect((repeat as Error).stack).toContain('note-job');
    const pages = database.sqlite().pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${pages}`);
    await expect(run({ add: 'x'.repeat(100_000) })).rejects.toMatchObject({ name: 'ServerError', retryable: true });
    expect(await run({ add: 'b' })).toBe(2);
  });

  it('is not begun once the database is closed', async () => {
    await run({ add: 'a' });
    await database.close();
    await expect(run({ add: 'b' })).rejects.toMatchObject({ name: 'ServerError' });
  });

  it('and what else writes have the same copy of SQLite', () => {
    expect(database.dataSource.options).toMatchObject({ driver: Sqlite });
  });

  it('writes to the file that was opened, wherever the process has gone since', async () => {
    const [before, folder] = [process.cwd(), await mkdtemp(join(tmpdir(), 'hubbub-storage-'))];
    const near = await openTestDatabase({ ...SCHEMA, file: relative(before, join(folder, 'test.sqlite')) });
    process.chdir(tmpdir());
    try {
      expect(await near.inThread<NoteRequest, number>(JOB, null)({ add: 'a' })).toBe(1);
    } finally {
      process.chdir(before);
      await near.close();
      await rm(folder, { recursive: true });
    }
  });

  it('works in a program given as text, and takes it along when it breaks down, unless that is caught', async () => {
    const file = database.sqlite().name;
    const program = `
      import { SqliteThread } from '${new URL('./sqlite-thread.ts', HERE).href}';
      const thread = new SqliteThread(${JSON.stringify(file)}, new URL('${JOB.href}'), null, []);
      const run = async (request) => console.log(await thread.call(request).catch(({ name }) => name));
      process.once('uncaughtException', ({ message }) => console.log(message));
      await Promise.all([run({ add: 'a' }), run({ add: 'b', isLast: true }), run({ add: 'never' })]);
      await run({ add: 'c' });
      await run({ add: 'd', isLast: true });
    `;
    const args = [...process.execArgv, '--input-type=module', '--eval', program];
    const { code, stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error);
    expect([code, stdout]).toEqual([1, '1\nbroken\nTimeout\nTimeout\n3\n']);
  });
});
