import { type Database, isUniqueViolation, type PostgresDatabase } from '@hubbub/storage';
import {
  type DatabaseServerProcess,
  describeOnEveryServer,
  describeWithOwnServer,
  makeTestDatabase,
  openTestDatabase,
} from '@hubbub/storage/testing';
import type { EntityManager } from 'typeorm';
import { openDatabase } from './open-database.js';
import { gate } from './testing/gate.js';
import { CreateNote1700000000000, Note } from './testing/note.js';

const SCHEMA = { entities: [Note], migrations: [CreateNote1700000000000] };
const UNAVAILABLE = { name: 'ServerError', code: 1003, retryable: true };
const PATIENCE_MS = 1500;

const add = (id: string) => (manager: EntityManager) => manager.insert(Note, { id, text: '' });
const count = (database: Database) => database.read((manager) => manager.count(Note));
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.name,
  );

describeWithOwnServer('a database server that fails', (start, type) => {
  let server: DatabaseServerProcess;
  let database: Database;

  beforeAll(async () => {
    server = await start();
  }, 60_000);
  afterAll(() => server.remove());
  beforeEach(async () => {
    const { url } = await makeTestDatabase(type, server.url);
    database = await openTestDatabase({ ...SCHEMA, type, url, patienceMs: PATIENCE_MS, poolSize: 3 });
  });
  afterEach(() => database.close());

  it('is answered for with ServerError while it is away, and is there again without a restart of ours', async () => {
    await database.transaction(add('before'));
    await server.kill();
    for (let n = 0; n < 8; n++) {
      await expect(database.transaction(add('away'))).rejects.toMatchObject(UNAVAILABLE);
      await expect(count(database)).rejects.toMatchObject(UNAVAILABLE);
      await expect(database.ping()).rejects.toMatchObject(UNAVAILABLE);
    }
    await server.start();
    // More at once than the pool had connections that have broken.
    await Promise.all(Array.from({ length: 12 }, (_, n) => database.transaction(add(`after ${n}`))));
    expect(await count(database)).toBe(13);
  }, 60_000);

  it('does not end the process when it goes while its connections are idle', async () => {
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => database.ping()));
    await server.kill();
    await server.start();
    await database.transaction(add('a'));
    expect(await count(database)).toBe(1);
  }, 60_000);

  it('ends what is under way when it is killed: with ServerError, or Timeout where it may have been stored', async () => {
    const works = Array.from({ length: 60 }, (_, n) => outcomeOf(database.transaction(add(`${n}`))));
    await Promise.any(works);
    await server.kill();
    const outcomes = await Promise.all(works);
    expect(outcomes.filter((outcome) => !['done', 'ServerError', 'Timeout'].includes(outcome))).toEqual([]);
    await server.start();
    const stored = (await database.read((manager) => manager.find(Note))).map(({ id }) => id);
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome === 'done') expect(stored).toContain(`${n}`);
      if (outcome === 'ServerError') expect(stored).not.toContain(`${n}`);
    }
  }, 60_000);

  it('keeps nobody waiting while it is frozen, and its pool does not fill up', async () => {
    await database.transaction(add('before'));
    server.pause();
    const begun = performance.now();
    const works = Array.from({ length: 20 }, (_, n) => outcomeOf(database.transaction(add(`frozen ${n}`))));
    works.push(...Array.from({ length: 20 }, () => outcomeOf(count(database))), outcomeOf(database.ping()));
    expect(new Set(await Promise.all(works))).toEqual(new Set(['ServerError']));
    expect(performance.now() - begun).toBeLessThan(PATIENCE_MS + 5000);
    // Connections to a server that does not greet.
    expect(await outcomeOf(database.ping())).toBe('ServerError');
    server.resume();
    await untilItAnswers(database);
    await Promise.all(Array.from({ length: 12 }, (_, n) => database.transaction(add(`after ${n}`))));
    expect(await count(database)).toBe(13);
  }, 60_000);

  it('says that nobody knows when it freezes while it commits', async () => {
    const committing = database.transaction(async (manager) => {
      await add('perhaps')(manager);
      server.pause();
    });
    await expect(committing).rejects.toMatchObject({ name: 'Timeout', code: 1004, retryable: true });
    server.resume();
    await untilItAnswers(database);
  }, 60_000);

  it('can be taken leave of while it is frozen', async () => {
    await database.ping();
    server.pause();
    await database.close();
    await expect(database.ping()).rejects.toMatchObject(UNAVAILABLE);
    server.resume();
  }, 60_000);

  it('is waited for at the start', async () => {
    const { url } = await makeTestDatabase(type, server.url);
    await server.kill();
    const failures: unknown[] = [];
    const monitor = { retrying: () => {}, failed: () => void failures.push(1), succeeded: () => {} };
    const opening = openDatabase({ ...SCHEMA, type, url, monitor });
    await expect(openDatabase({ ...SCHEMA, type, url, startPatienceMs: 0 })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await server.start();
    const opened = await opening;
    expect(failures.length).toBeGreaterThan(0);
    await opened.close();
  }, 60_000);

  it('is not waited for where there is no such database', async () => {
    const url = server.url.replace(/[^/]*$/, 'absent');
    await expect(openDatabase({ ...SCHEMA, type, url })).rejects.toThrow(/absent/);
  });
});

async function untilItAnswers(database: Database): Promise<void> {
  while ((await outcomeOf(database.ping())) !== 'done');
}

describeOnEveryServer('a database that several use', (open, type) => {
  let database: Database;
  let retries: number;
  const monitor = { retrying: () => void retries++, failed: () => {}, succeeded: () => {} };

  beforeEach(async () => {
    retries = 0;
    database = await open({ ...SCHEMA, monitor });
    for (const id of ['a', 'b']) await database.transaction(add(id));
  });
  afterEach(() => database.close());

  it('repeats a transaction that deadlocks until it is stored', async () => {
    const both = gate();
    let waiting = 0;
    const change = (first: string, second: string, text: string) =>
      database.transaction(async (manager) => {
        await manager.update(Note, { id: first }, { text });
        if (++waiting === 2) both.open();
        await both.opened;
        await manager.update(Note, { id: second }, { text });
      });
    await Promise.all([change('a', 'b', 'one'), change('b', 'a', 'two')]);
    expect(retries).toBeGreaterThan(0);
    const [a, b] = await database.read((manager) => manager.find(Note, { order: { id: 'ASC' } }));
    expect(a?.text).toBe(b?.text);
    expect(['one', 'two']).toContain(a?.text);
  });

  it('gives up on a lock that is not given up, and tells the caller ServerError', async () => {
    const impatient = await open({ like: database, patienceMs: 300 });
    const [held, finish] = [gate(), gate()];
    const holding = database.transaction(async (manager) => {
      await manager.update(Note, { id: 'a' }, { text: 'mine' });
      held.open();
      await finish.opened;
    });
    await held.opened;
    const change = () => impatient.transaction((manager) => manager.update(Note, { id: 'a' }, { text: 'yours' }));
    const refused = await change().catch((error: unknown) => error);
    finish.open();
    await holding;
    expect(refused).toMatchObject(UNAVAILABLE);
    await change();
    await impatient.close();
  });

  it('takes back the locks of a node that stops in the middle of a transaction', async () => {
    const other = await open({ like: database });
    const [held, resumed] = [gate(), gate()];
    const stopped = outcomeOf(
      database.transaction(async (manager) => {
        await manager.update(Note, { id: 'a' }, { text: 'mine' });
        held.open();
        await resumed.opened;
        await manager.update(Note, { id: 'b' }, { text: 'mine' });
      }),
    );
    await held.opened;
    await other.transaction((manager) => manager.update(Note, { id: 'a' }, { text: 'yours' }));
    resumed.open();
    // Undone, so it is repeated as long as its caller has patience.
    const isDone = (await stopped) === 'done';
    const notes = await other.read((manager) => manager.find(Note, { order: { id: 'ASC' } }));
    expect(notes.map(({ text }) => text)).toEqual(isDone ? ['mine', 'mine'] : ['yours', '']);
    await other.close();
  });

  it('uses another connection when one has broken, and tells nobody', async () => {
    await database.ping();
    await endConnections(database, type);
    await database.transaction(add('c'));
    expect(await count(database)).toBe(3);
  });

  it('does not store half of what went on after a statement had failed', async () => {
    const careless = database.transaction(async (manager) => {
      await add('half')(manager);
      const error = await add('a')(manager).catch((thrown: unknown) => thrown);
      expect(isUniqueViolation(error)).toBe(true);
    });
    if (type === 'postgres') await expect(careless).rejects.toThrow('went on after a statement had failed');
    else await careless;
    expect(await count(database)).toBe(type === 'postgres' ? 2 : 3);
  });

  it('stores a lone statement by itself', async () => {
    if (type !== 'postgres') return;
    const postgres = database as PostgresDatabase;
    await postgres.statement((client) =>
      client.query({ name: 'put', text: 'INSERT INTO note VALUES ($1, $2)', values: ['c', ''] }),
    );
    expect(await count(database)).toBe(3);
  });
});

/** Ends all connections of a database from the server's side, but the one that says so. */
async function endConnections(database: Database, type: string): Promise<void> {
  if (type === 'postgres') {
    const others = 'datname = current_database() AND pid <> pg_backend_pid()';
    await database.read((manager) =>
      manager.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`),
    );
    return;
  }
  await database.read(async (manager) => {
    const rows = await manager.query(
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
    );
    for (const { id } of rows as { id: number }[]) await manager.query(`KILL ${id}`);
  });
}
