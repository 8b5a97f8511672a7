import { compareRows, type Database, forUpdate, insertIfAbsent, isUniqueViolation, lockName } from '@hubbub/storage';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { CreateNote1700000000000, Note } from './testing/note.js';

const SCHEMA = { entities: [Note], migrations: [CreateNote1700000000000] };

const add =
  (id: string, text = '') =>
  (manager: EntityManager) =>
    manager.insert(Note, { id, text });

describeOnEveryDatabase('Database', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open(SCHEMA);
  });
  afterEach(() => database.close());

  const ids = async (): Promise<string[]> => {
    const notes = await database.read((manager) => manager.find(Note, { order: { id: 'ASC' } }));
    return notes.map((note) => note.id);
  };

  it('stores all of a transaction, and gives what it returns', async () => {
    const result = await database.transaction(async (manager) => {
      await add('a')(manager);
      await manager.save(manager.create(Note, { id: 'b', text: '' }));
      return 'done';
    });
    expect(result).toBe('done');
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('leaves nothing of a transaction that throws, and goes on with the next', async () => {
    const failing = database.transaction(async (manager) => {
      await add('a')(manager);
      throw new Error('changed my mind');
    });
    const next = database.transaction(add('b'));
    await expect(failing).rejects.toThrow('changed my mind');
    await next;
    expect(await ids()).toEqual(['b']);
  });

  it('undoes a nested transaction alone', async () => {
    await database.transaction(async (manager) => {
      await add('outer')(manager);
      const inner = manager.transaction(async (nested) => {
        await add('inner')(nested);
        throw new Error('inner only');
      });
      await expect(inner).rejects.toThrow('inner only');
      await add('after')(manager);
    });
    expect(await ids()).toEqual(['after', 'outer']);
  });

  it('leaves a violated constraint to the store, which can tell it is a repeat', async () => {
    await database.transaction(add('a'));
    const repeat = database.transaction(add('a')).catch((error: unknown) => error);
    expect(isUniqueViolation(await repeat)).toBe(true);
    const fault = await database.read((manager) => manager.query('SELECT nonsense')).catch((error: unknown) => error);
    expect(fault).toMatchObject({ name: 'QueryFailedError' });
    expect(isUniqueViolation(fault)).toBe(false);
  });

  it('compares ids byte for byte, and sorts them so', async () => {
    const different = ['a', 'a ', 'A', 'b', 'e\u0301', '\u00e9', 'ß', 'ss', '\u{1f600}', '\uffee'];
    for (const id of different) await database.transaction(add(id));
    const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect(await ids()).toEqual([...different].sort(bytes));
    for (const id of different) {
      const found = await database.read((manager) => manager.findBy(Note, { id }));
      expect(found.map((note) => note.id)).toEqual([id]);
    }
    const between = await database.read((manager) =>
      manager.createQueryBuilder(Note, 'note').where('note.id > :id', { id: 'a' }).orderBy('note.id').getMany(),
    );
    expect(between[0]?.id).toBe('a ');
  });

  it('gives back texts as they were', async () => {
    const texts = [
      '{"b":1.00,  "a":"\\u0000"}',
      '',
      ' \r\n\t ',
      '\'\\"`%_$1?:id',
      '\u{1f600}\u2028é',
      'x'.repeat(200_000),
    ];
    for (const [n, text] of texts.entries()) await database.transaction(add(`${n}`, text));
    const notes = await database.read((manager) => manager.find(Note, { order: { id: 'ASC' } }));
    expect(notes.map((note) => note.text)).toEqual(texts);
  });

  it('returns counts and 64-bit integers as numbers', async () => {
    await database.transaction(add('a'));
    const [row] = await database.read((manager) =>
      manager.query(`SELECT count(*) AS n, ${Number.MAX_SAFE_INTEGER} AS large FROM note`),
    );
    expect(row).toEqual({ n: 1, large: Number.MAX_SAFE_INTEGER });
  });

  it('inserts what is absent, and leaves alone what is there', async () => {
    const put = (text: string) =>
      database.transaction((manager) => insertIfAbsent(manager, Note, { id: 'a', text }, ['id']));
    await put('first');
    await put('second');
    expect(await database.read((manager) => manager.find(Note))).toEqual([{ id: 'a', text: 'first' }]);
  });

  it('refuses a text that does not fit, also where only the absent is inserted', async () => {
    const long = database.transaction((manager) =>
      insertIfAbsent(manager, Note, { id: 'x'.repeat(129), text: '' }, ['id']),
    );
    if (database.type === 'sqlite') await long;
    else await expect(long).rejects.toMatchObject({ name: 'QueryFailedError' });
  });

  it('compares several columns as one row', async () => {
    const notes = ['a', 'b', 'c'].flatMap((id) => ['1', '2', '3'].map((n) => ({ id: `${id}${n}`, text: id })));
    await database.transaction((manager) => manager.insert(Note, notes));
    const found = await database.read((manager) => {
      const [from, to] = [['text', 'fromText'] as const, ['text', 'toText'] as const];
      return manager
        .createQueryBuilder(Note, 'note')
        .where(compareRows(manager, [from, ['id', 'fromId']], '>'), { fromText: 'a', fromId: 'a2' })
        .andWhere(compareRows(manager, [to, ['id', 'toId']], '<='), { toText: 'c', toId: 'c1' })
        .orderBy('note.id')
        .getMany();
    });
    expect(found.map(({ id }) => id)).toEqual(['a3', 'b1', 'b2', 'b3', 'c1']);
  });

  it('loses no update of two nodes that read with a lock, then write', async () => {
    const other = await open({ like: database });
    await database.transaction(add('counter', '0'));
    const count = (one: Database) =>
      one.transaction(async (manager) => {
        const note = await manager.findOneOrFail(Note, { where: { id: 'counter' }, ...forUpdate(manager) });
        await manager.update(Note, { id: 'counter' }, { text: `${Number(note.text) + 1}` });
      });
    await Promise.all(Array.from({ length: 40 }, (_, n) => count(n % 2 === 0 ? database : other)));
    expect(await database.read((manager) => manager.findOneBy(Note, { id: 'counter' }))).toMatchObject({ text: '40' });
    await other.close();
  });

  it('lets one at a time go on under a name, so that a rule about a number of rows holds', async () => {
    const other = await open({ like: database });
    const upToThree = (one: Database, id: string) =>
      one.transaction(async (manager) => {
        await lockName(manager, 'notes of alice');
        if ((await manager.count(Note)) < 3) await add(id)(manager);
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => upToThree(n % 2 === 0 ? database : other, `${n}`)));
    expect(await ids()).toHaveLength(3);
    await other.close();
  });

  it('runs a migration once, also when three nodes start at once', async () => {
    let runs = 0;
    class Counted1700000000001 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        runs++;
        await runner.query('CREATE TABLE counted (id int)');
      }
      async down(): Promise<void> {}
    }
    const migrations = [...SCHEMA.migrations, Counted1700000000001];
    const nodes = await Promise.all([1, 2, 3].map(() => open({ like: database, migrations })));
    expect(runs).toBe(1);
    for (const node of nodes) {
      await node.ping();
      await node.close();
    }
  });

  it('finishes what is under way before it closes, then answers ServerError', async () => {
    const second = await open({ like: database });
    const last = second.transaction(add('last'));
    await second.close();
    await last;
    for (const late of [second.ping(), second.transaction(add('late')), second.read((manager) => manager.find(Note))]) {
      await expect(late).rejects.toMatchObject({ name: 'ServerError', code: 1003, retryable: true });
    }
    await second.close();
    expect(await ids()).toEqual(['last']);
  });

  it('ends all that is begun again and again while it closes with ServerError', async () => {
    const second = await open({ like: database });
    const failures: unknown[] = [];
    const work = async (n: number) => {
      const once = () => (n % 2 === 0 ? second.ping() : second.transaction((manager) => manager.find(Note)));
      while (failures.length < 30) {
        await once().catch((error: unknown) => failures.push(error));
        await new Promise(setImmediate);
      }
    };
    const working = Array.from({ length: 20 }, (_, n) => work(n));
    await second.ping();
    await second.close();
    await Promise.all(working);
    expect(failures.filter((error) => (error as Error).name !== 'ServerError')).toEqual([]);
  });

  it('tells no caller what the statement held', async () => {
    await database.close();
    const error = await database.transaction(add('a', 'what people wrote')).catch((thrown: unknown) => thrown);
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('people');
  });
});
