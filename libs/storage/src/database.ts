import type { HubbubError } from '@hubbub/protocol';
import type { DataSource, EntityManager, MigrationInterface } from 'typeorm';

export type DatabaseType = 'sqlite' | 'postgres' | 'mysql' | 'mariadb';

// biome-ignore lint: TypeORM's own type for an entity class
export type EntityClass = Function;
export type MigrationClass = new () => MigrationInterface;

/** The tables of an application. */
export interface DatabaseSchema {
  readonly entities: readonly EntityClass[];
  /** Run at start, in the order of the time stamps their names end in. */
  readonly migrations: readonly MigrationClass[];
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

/**
 * The database. Several nodes may share one, so what a transaction read is only sure to stay as it was read where it was
 * read with a lock: see `forUpdate`, `lockName` and `insertIfAbsent`, which hold on every database.
 *
 * Where the database is away, locked, full, read-only or closed, every method throws HubbubError ServerError: nothing was
 * stored. A server that was lost while it committed may have stored all of it: that is HubbubError Timeout. Other errors,
 * as a violated constraint (`isUniqueViolation`), come through as they are. Nothing waits for ever, and after an outage
 * everything works again by itself.
 *
 * Never call `transaction` from inside the `work` of another: it could wait for itself.
 */
export abstract class Database {
  abstract readonly type: DatabaseType;

  /** For what describes the database (metadata, options); statements go through the methods below. */
  abstract readonly dataSource: DataSource;

  protected abstract readonly monitor: DatabaseMonitor | undefined;

  /**
   * One transaction: all of `work` is stored, or nothing. It awaits nothing but statements, as it holds up others, and has
   * no effect but on the database: where another node is in its way it is undone and called again.
   */
  abstract transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;

  /** Reads committed data, outside any transaction. `work` may be called again when a connection broke. */
  abstract read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;

  /** Resolves if the database answers. */
  abstract ping(): Promise<void>;

  /** Waits for the writes that are under way, then closes. Everything after that throws ServerError. Safe to call twice. */
  abstract close(): Promise<void>;

  /** @returns what `error` is to the caller where it says that the database is away; undefined for every other error */
  protected abstract unavailable(error: unknown): HubbubError | undefined;

  /** Tells the monitor how `work` went, and the caller what he can do about it. */
  protected async guarded<T>(kind: AccessKind, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.monitor?.succeeded(kind);
      return result;
    } catch (error) {
      const unavailable = this.unavailable(error);
      if (unavailable === undefined) throw error;
      this.monitor?.failed(kind, unavailable);
      throw unavailable;
    }
  }
}
