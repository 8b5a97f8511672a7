import type BetterSqlite3 from 'better-sqlite3';

/** Keeps a write-ahead log that a burst has blown up from staying that large. */
const WAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

/** What every connection that writes is set to. That the file has a write-ahead log is kept in the file. */
export function prepareWriter(handle: BetterSqlite3.Database): void {
  // A reply says "survives a crash", and WAL's usual NORMAL loses the last commits when the power goes.
  handle.pragma('synchronous = FULL');
  handle.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`);
}
