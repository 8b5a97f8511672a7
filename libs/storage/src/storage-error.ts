import { HubbubError } from '@hubbub/protocol';

/** Results of SQLite that say something about the database's state, not about the statement: extended codes follow `_`. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CORRUPT|CANTOPEN|NOTADB|NOMEM|PROTOCOL)(_|$)/;
const BUSY = /^SQLITE_(BUSY|LOCKED)(_|$)/;
/** A closed handle throws a plain TypeError. */
const CLOSED = /database connection is not open/;
const UNIQUE = new Set([
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
  '23505',
  'ER_DUP_ENTRY',
  'ER_DUP_ENTRY_WITH_KEY_NAME',
]);

/** What only MariaDB says, by number: the driver knows the names of MySQL's errors. */
const MARIADB: ReadonlyMap<unknown, string> = new Map([
  [1927, 'ER_CONNECTION_KILLED'],
  [1969, 'ER_STATEMENT_TIMEOUT'],
]);

/** The driver's own error: TypeORM's wrapping holds the statement's parameters, so what people wrote. */
export function driverError(error: unknown): unknown {
  return (error as { driverError?: unknown } | undefined | null)?.driverError ?? error;
}

/** The driver's code, also from inside TypeORM's wrapping. */
export function codeOf(error: unknown): string {
  const { code, errno } = (driverError(error) ?? {}) as { code?: unknown; errno?: unknown };
  return typeof code === 'string' ? code : (MARIADB.get(errno) ?? '');
}

/** Whether another connection holds a lock, so that trying again soon can work. */
export function isBusy(error: unknown): boolean {
  return BUSY.test(codeOf(error));
}

/** Whether a row with the same unique columns exists already. */
export function isUniqueViolation(error: unknown): boolean {
  return UNIQUE.has(codeOf(error));
}

/**
 * ServerError where `error` says that the database is locked, full, unreadable or closed; undefined for every other error
 * (a violated constraint is the store's business, anything else a bug).
 */
export function asUnavailable(error: unknown): HubbubError | undefined {
  const cause = driverError(error);
  const closed = CLOSED.test((cause as Error | undefined | null)?.message ?? '');
  return closed || UNAVAILABLE.test(codeOf(cause)) ? new HubbubError('ServerError', { cause }) : undefined;
}
