import { pathToFileURL } from 'node:url';
import { isUniqueViolation, type SqliteDatabase } from '@hubbub/storage';
import { openTestDatabase } from '@hubbub/storage/testing';
import { CreateNote1700000000000, Note } from './testing/note.js';
import type { NoteRequest } from './testing/note-job.js';

const JOB = new URL('./testing/note-job.js', pathToFileURL(__filename));

describe('a job in the thread of a SQLite database', () => {
  let database: SqliteDatabase;
  let run: (request: NoteRequest) => Promise<number>;
  beforeEach(async () => {
    database = await openTestDatabase({ entities: [Note], migrations: [CreateNote1700000000000] });
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
    expect(isUniqueViolation(await run({ add: 'a' }).catch((error: unknown) => error))).toBe(true);
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
});
