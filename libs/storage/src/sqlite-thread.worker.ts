/** The program of a `SqliteThread`. It has a connection of its own; whose turn it is to write is up to the thread that calls. */
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { prepareWriter } from './sqlite-settings.js';

/** Made once: does each request in one transaction, synchronously. Throws when nothing was stored. */
export type SqliteJob<Options, Request, Response> = (
  db: Sqlite.Database,
  options: Options,
) => (request: Request) => Response;

export interface ThreadData {
  readonly file: string;
  /** URL of the module that exports `job`. */
  readonly job: string;
  readonly options: unknown;
  /** What to set beyond what every connection that writes is set to. */
  readonly pragmas: readonly string[];
}

/** What it is told. */
export type ThreadTask = { readonly request: unknown } | { readonly pragma: string } | { readonly isLast: true };

/** To a request; nothing else is answered. */
export type Answer<Response> =
  | { readonly response: Response }
  | { readonly error: Pick<Error, 'message' | 'stack'> & { readonly code: string | undefined } };

const port = parentPort;
if (port === null) throw new Error('this is the program of a thread');
const { file, job: url, options, pragmas } = workerData as ThreadData;
const { job } = (await import(url)) as { readonly job: SqliteJob<unknown, unknown, unknown> };
const later = [...pragmas];
let db: Sqlite.Database | undefined;
let run: ((request: unknown) => unknown) | undefined;

port.on('message', (task: ThreadTask) => {
  if ('request' in task) return port.postMessage(answer(task.request));
  if ('pragma' in task) return db === undefined ? later.push(task.pragma) : db.pragma(task.pragma);
  db?.close();
  port.close();
});

function answer(request: unknown): Answer<unknown> {
  try {
    run ??= job(open(), options);
    return { response: run(request) };
  } catch (error) {
    // A clone of an error would lose its code.
    const { message, stack, code } = error as Error & { code?: string };
    return { error: { message, stack, code } };
  }
}

function open(): Sqlite.Database {
  db ??= new Sqlite(file, { timeout: 0, fileMustExist: true });
  prepareWriter(db);
  for (const setting of later.splice(0)) db.pragma(setting);
  return db;
}
