import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database, DatabaseSchema } from '../database.js';
import { openDatabase } from '../open-database.js';
import type { ServerOptions } from '../server-database.js';
import { SqliteDatabase, type SqliteOptions } from '../sqlite-database.js';
import { makeTestDatabase, type TestedDatabase, type TestedServer } from './test-server.js';

/** Without `like` or `file`, an empty database is made that `close` removes. */
export interface TestDatabaseOptions
  extends Partial<DatabaseSchema>,
    Partial<Omit<SqliteOptions, 'monitor' | keyof DatabaseSchema>>,
    Partial<Omit<ServerOptions, keyof DatabaseSchema>> {
  /** Opens a second Database on the place of this one, with its tables, as another node does. Close it first. */
  readonly like?: Database;
}

/** Where an open test database is. */
interface Place {
  readonly type: TestedDatabase;
  readonly options: TestDatabaseOptions;
}

const places = new WeakMap<Database, Place>();
/** Suites run side by side, and a server has a hundred connections. */
const POOL_SIZE = 4;

export function openTestDatabase(options?: TestDatabaseOptions & { readonly type?: 'sqlite' }): Promise<SqliteDatabase>;
export function openTestDatabase(options: TestDatabaseOptions & { readonly type?: TestedDatabase }): Promise<Database>;
/** A real database for a test. Call `close` at its end. */
export async function openTestDatabase({
  type = 'sqlite',
  like,
  ...options
}: TestDatabaseOptions & { readonly type?: TestedDatabase } = {}): Promise<Database> {
  const place = like === undefined ? undefined : places.get(like);
  if (place !== undefined) return openAt({ type: place.type, options: { ...place.options, ...options } });
  if (options.file !== undefined || options.url !== undefined) return openAt({ type, options });
  return type === 'sqlite' ? openInFolder(options) : openOnServer(type, options);
}

async function openInFolder(options: TestDatabaseOptions): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'hubbub-database-'));
  const file = join(folder, 'test.sqlite');
  const database = await openAt({ type: 'sqlite', options: { ...options, file } });
  return afterClose(database, () => rm(folder, { recursive: true, force: true }));
}

async function openOnServer(type: TestedServer, options: TestDatabaseOptions): Promise<Database> {
  const made = await makeTestDatabase(type);
  try {
    return afterClose(await openAt({ type, options: { ...options, url: made.url } }), () => made.drop());
  } catch (error) {
    await made.drop();
    throw error;
  }
}

async function openAt(place: Place): Promise<Database> {
  const { type, options } = place;
  const given = { entities: [], migrations: [], poolSize: POOL_SIZE, ...options };
  const { file = '', url = '' } = options;
  const database = await (type === 'sqlite'
    ? SqliteDatabase.open({ ...given, file })
    : openDatabase({ ...given, type, url }));
  places.set(database, place);
  return database;
}

function afterClose(database: Database, work: () => Promise<void>): Database {
  const close = database.close.bind(database);
  let closed: Promise<void> | undefined;
  database.close = () => {
    closed ??= close().then(work);
    return closed;
  };
  return database;
}
