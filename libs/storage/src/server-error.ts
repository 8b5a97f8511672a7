/** What the errors of database servers mean: SQLSTATE of Postgres, names of MySQL and MariaDB, of the socket and the pool. */
import { HubbubError, isHubbubError } from '@hubbub/protocol';
import { codeOf, driverError } from './storage-error.js';

/** No connection was to be had, or it was lost on the way. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';

  constructor(
    cause: unknown,
    /** `none`: nobody answers; `undone`: the server has forgotten what was begun; `unknown`: lost after the commit was sent. */
    readonly outcome: 'none' | 'undone' | 'unknown',
  ) {
    super('connection to the database lost', { cause });
  }
}

/** Two were in each other's way, and this one was undone: deadlock, serialization failure, a lock that was not to be had. */
const CONTENTION = new Set(['40001', '40P01', '55P03', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD']);

/** Classes and codes of Postgres that speak of the server's state, not of the statement. */
const POSTGRES = /^(08...|25006|25P0[34]|28...|3D000|53...|57...|58...|XX00[12])$/;

const MYSQL = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_CONNECTION_KILLED',
  'ER_CON_COUNT_ERROR',
  'ER_DISK_FULL',
  'ER_ERROR_ON_WRITE',
  'ER_NEW_ABORTING_CONNECTION',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_OUTOFMEMORY',
  'ER_OUT_OF_RESOURCES',
  'ER_OUT_OF_SORTMEMORY',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'ER_READ_ONLY_MODE',
  'ER_RECORD_FILE_FULL',
  'ER_SERVER_SHUTDOWN',
  'ER_STATEMENT_TIMEOUT',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
]);

/** What the drivers say without a code when the other side hangs up or is silent. */
const HANG_UP = /^Connection (terminated|lost)|timeout/;

/** What trying again does not mend: a wrong name or password, or no such database. */
const MISCONFIGURED = /^(28...|3D000|ER_ACCESS_DENIED_ERROR|ER_DBACCESS_DENIED_ERROR|ER_BAD_DB_ERROR)$/;

/** Whether the whole transaction may be repeated at once: another was in its way, or its connection was stale. */
export function isRepeatable(error: unknown): boolean {
  return (error instanceof ConnectionLost && error.outcome === 'undone') || CONTENTION.has(codeOf(error));
}

/** Whether a server that does not let us in now may do so later. */
export function mayComeBack(error: unknown): boolean {
  const code = codeOf(error);
  if (MISCONFIGURED.test(code)) return false;
  return (
    /^E(?!R_|RR_)[A-Z]+(_[A-Z]+)?$/.test(code) ||
    POSTGRES.test(code) ||
    MYSQL.has(code) ||
    HANG_UP.test(messageOf(error))
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/** Timeout where nobody knows whether it was stored; ServerError where it was not, as the server is not as it should be. */
export function serverUnavailable(error: unknown): HubbubError | undefined {
  if (isHubbubError(error)) return undefined;
  if (error instanceof ConnectionLost) {
    return new HubbubError(error.outcome === 'unknown' ? 'Timeout' : 'ServerError', {
      cause: driverError(error.cause),
    });
  }
  const code = codeOf(error);
  if (!CONTENTION.has(code) && !POSTGRES.test(code) && !MYSQL.has(code)) return undefined;
  return new HubbubError('ServerError', { cause: driverError(error) });
}
