import { setTimeout as sleep } from 'node:timers/promises';
import type { HubbubError } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource, EntityManager } from 'typeorm';
import { retryWhileBusy } from './retry-while-busy.js';
import { SerialQueue } from './serial-queue.js';
import { inTransaction, openReader, openWriter, type SqliteFile, sqliteHandle } from './sqlite-source.js';
import { asUnavailable } from './storage-error.js';

export interface DatabaseOptions extends SqliteFile {
  /**
   * How long a write waits for the lock of another process, in milliseconds, before its caller gets ServerError.
   * @default 5000
   */
  readonly busyRetryMs?: number;
  readonly monitor?: DatabaseMonitor;
}

export type AccessKind = 'read' | 'write';

/** Is told how the database does. */
export interface DatabaseMonitor {
  /** Somebody else holds a lock; another attempt follows. */
  retrying(): void;
  /** The database was not available; the caller is about to be told. */
  failed(kind: AccessKind, error: HubbubError): void;
  succeeded(kind: AccessKind): void;
}

/** Shorter than the time-out of a command, so that its caller is told what it was. */
const DEFAULT_BUSY_RETRY_MS = 5000;
const MIGRATION_WAIT_MS = 60_000;

function retry<T>(work: () => T | Promise<T>, forMs: number, monitor?: DatabaseMonitor): Promise<T> {
  return retryWhileBusy(work, {
    forMs,
    now: Date.now,
    sleep: (ms) => sleep(ms),
    onRetry: () => monitor?.retrying(),
  });
}

/**
 * The database. SQLite has one writing connection, so writes queue up here and run one at a time: a lone write between
 * another's BEGIN and COMMIT would share its fate. Reads have a connection of their own and see committed data only.
 *
 * Where the database is locked, full, unreadable or closed, every method throws HubbubError ServerError and nothing was
 * stored. Other errors, as a violated constraint, come through as they are.
 *
 * Never call `transaction` or `exclusive` from inside their `work`: it would wait for itself.
 */
@Injectable()
export class Database {
  private readonly queue = new SerialQueue();

  private constructor(
    /** The writing connection. For what describes it (metadata, options); statements go through the methods below. */
    readonly dataSource: DataSource,
    private readonly reader: DataSource,
    private readonly options: DatabaseOptions,
  ) {}

  /**
   * Opens the SQLite file, makes it if need be, and runs the pending migrations.
   * @throws what the driver or a migration throws
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    // Another process may be in the middle of the same migrations.
    const writer = await openWriter(options, (statement) => retry(statement, MIGRATION_WAIT_MS));
    try {
      return new Database(writer, await openReader(options), options);
    } catch (error) {
      await writer.destroy();
      throw error;
    }
  }

  /** One transaction: all of `work` is stored, or nothing. It holds up every other write, so it awaits nothing but statements. */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
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

  /** Reads committed data, outside any transaction and without waiting for one. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.guarded('read', () => this.whenNotBusy(() => work(this.reader.manager)));
  }

  /** The handle of the writing connection, for hot prepared statements inside `exclusive`. */
  sqlite(): BetterSqlite3.Database {
    return sqliteHandle(this.dataSource);
  }

  /**
   * The handle of the reading connection, for hot prepared reads. They may throw the driver's errors: wrap them in
   * `read` where a caller is to be told.
   */
  sqliteReader(): BetterSqlite3.Database {
    return sqliteHandle(this.reader);
  }

  /** Resolves if both connections answer. */
  async ping(): Promise<void> {
    await this.read(async () => {
      for (const { manager } of [this.reader, this.dataSource])
        await manager.query('SELECT count(*) FROM sqlite_master');
    });
  }

  /** Waits for the writes that are queued, then closes. Everything after that throws ServerError. Safe to call twice. */
  async close(): Promise<void> {
    await this.queue.run(async () => {
      for (const source of [this.reader, this.dataSource]) if (source.isInitialized) await source.destroy();
    });
  }

  private whenNotBusy<T>(work: () => T | Promise<T>): Promise<T> {
    return retry(work, this.options.busyRetryMs ?? DEFAULT_BUSY_RETRY_MS, this.options.monitor);
  }

  private async guarded<T>(kind: AccessKind, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.options.monitor?.succeeded(kind);
      return result;
    } catch (error) {
      const unavailable = asUnavailable(error);
      if (unavailable === undefined) throw error;
      this.options.monitor?.failed(kind, unavailable);
      throw unavailable;
    }
  }
}
