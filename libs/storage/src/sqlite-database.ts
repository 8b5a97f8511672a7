import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubbubError } from '@hubbub/protocol';
import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource, EntityManager } from 'typeorm';
import { Database, type DatabaseMonitor } from './database.js';
import { retryWhileBusy } from './retry-while-busy.js';
import { SerialQueue } from './serial-queue.js';
import { inTransaction, openReader, openWriter, type SqliteFile, sqliteHandle } from './sqlite-source.js';
import { SqliteThread } from './sqlite-thread.js';
import { asUnavailable, isBusy } from './storage-error.js';

export interface SqliteOptions extends SqliteFile {
  /**
   * How long a write waits for the lock of another process, in milliseconds, before its caller gets ServerError.
   * @default 5000
   */
  readonly busyRetryMs?: number;
  readonly monitor?: DatabaseMonitor | undefined;
}

/** Shorter than the time-out of a command, so that its caller is told what it was. */
const DEFAULT_BUSY_RETRY_MS = 5000;
const MIGRATION_WAIT_MS = 60_000;

function retry<T>(work: () => T | Promise<T>, forMs: number, monitor?: DatabaseMonitor): Promise<T> {
  return retryWhileBusy(work, {
    forMs,
    isBusy,
    now: Date.now,
    sleep: (ms) => sleep(ms),
    onRetry: () => monitor?.retrying(),
  });
}

/**
 * A file of this machine. SQLite has one writing connection, so writes queue up here and run one at a time: a lone write
 * between another's BEGIN and COMMIT would share its fate. Reads have a connection of their own and see committed data only.
 */
export class SqliteDatabase extends Database {
  readonly type = 'sqlite';
  protected readonly monitor: DatabaseMonitor | undefined;
  private readonly queue = new SerialQueue();
  private readonly pragmas: string[] = [];
  private readonly threads: Pick<SqliteThread<never, unknown>, 'close' | 'pragma'>[] = [];

  private constructor(
    /** The writing connection. */
    readonly dataSource: DataSource,
    private readonly reader: DataSource,
    private readonly options: SqliteOptions,
  ) {
    super();
    this.monitor = options.monitor;
  }

  /**
   * Opens the SQLite file, makes it if need be, and runs the pending migrations.
   * @throws what the driver or a migration throws
   */
  static async open(given: SqliteOptions): Promise<SqliteDatabase> {
    // A thread opens it later, when the process may be in another folder.
    const options = { ...given, file: resolve(given.file) };
    // Another process may be in the middle of the same migrations.
    const writer = await openWriter(options, (statement) => retry(statement, MIGRATION_WAIT_MS));
    try {
      return new SqliteDatabase(writer, await openReader(options), options);
    } catch (error) {
      await writer.destroy();
      throw error;
    }
  }

  override transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.guarded('write', () =>
      this.queue.run(() => inTransaction(this.dataSource, work, (statement) => this.whenNotBusy(statement))),
    );
  }

  /**
   * The same queue and errors without BEGIN, for prepared statements of the driver. `work` is run again when the
   * database was locked: it is one statement, or one transaction of the driver (`.immediate()`).
   */
  exclusive<T>(work: () => T | Promise<T>): Promise<T> {
    return this.guarded('write', () => this.queue.run(() => this.whenNotBusy(work)));
  }

  /**
   * A job that is done in a thread of its own, one request at a time, in the same queue and with the same errors: the event loop
   * goes on meanwhile. What it is done with is cloned, and so is what it answers.
   * @param job module that exports `job`, a `SqliteJob`; the thread loads it, so it imports little
   * @param options what the job is made with
   */
  inThread<Request, Response>(job: URL, options: unknown): (request: Request) => Promise<Response> {
    const thread = new SqliteThread<Request, Response>(this.options.file, job, options, this.pragmas);
    this.threads.push(thread);
    return (request) =>
      this.exclusive(() => {
        if (!this.sqlite().open) throw new TypeError('The database connection is not open');
        return thread.call(request);
      });
  }

  override read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.guarded('read', () => this.whenNotBusy(() => work(this.reader.manager)));
  }

  /** The handle of the writing connection, for hot prepared statements inside `exclusive`. */
  sqlite(): BetterSqlite3.Database {
    return sqliteHandle(this.dataSource);
  }

  /** Sets a pragma on every connection that writes, also on those of threads that start later. */
  pragma(setting: string): void {
    this.pragmas.push(setting);
    this.sqlite().pragma(setting);
    for (const thread of this.threads) thread.pragma(setting);
  }

  /**
   * The handle of the reading connection, for hot prepared reads. They may throw the driver's errors: wrap them in
   * `read` where a caller is to be told.
   */
  sqliteReader(): BetterSqlite3.Database {
    return sqliteHandle(this.reader);
  }

  /** Resolves if both connections answer. */
  override async ping(): Promise<void> {
    await this.read(async () => {
      for (const { manager } of [this.reader, this.dataSource])
        await manager.query('SELECT count(*) FROM sqlite_master');
    });
  }

  override async close(): Promise<void> {
    await this.queue.run(async () => {
      for (const thread of this.threads) await thread.close();
      for (const source of [this.reader, this.dataSource]) if (source.isInitialized) await source.destroy();
    });
  }

  protected override unavailable(error: unknown): HubbubError | undefined {
    return asUnavailable(error);
  }

  private whenNotBusy<T>(work: () => T | Promise<T>): Promise<T> {
    return retry(work, this.options.busyRetryMs ?? DEFAULT_BUSY_RETRY_MS, this.options.monitor);
  }
}
