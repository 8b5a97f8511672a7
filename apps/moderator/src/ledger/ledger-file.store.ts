import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';

const VERSION = 1;
const SCHEMA = `
CREATE TABLE said (
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  sender_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  sketch BLOB NOT NULL,
  PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE INDEX said_by ON said (epoch, sender_id, seq);
CREATE INDEX said_at ON said (at);
CREATE TABLE accusation (
  number INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,
  heard TEXT NOT NULL
);
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX decision_by ON decision (user_id, at);
CREATE INDEX decision_at ON decision (at);
CREATE TABLE effect (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  decision_id TEXT NOT NULL REFERENCES decision
);
CREATE INDEX effect_kind ON effect (kind, number);
CREATE INDEX effect_of ON effect (decision_id);
PRAGMA user_version = ${VERSION};`;

/** The SQLite file of the ledger, made when there is none. */
export class LedgerFile {
  private readonly database: Sqlite.Database;
  private readonly statements = new Map<string, Sqlite.Statement>();

  /** @throws Error if it is of another version, or no database */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.database = new Sqlite(path);
    this.database.pragma('journal_mode = WAL');
    // A killed process loses nothing; a power cut at most what was heard in the last moments.
    this.database.pragma('synchronous = NORMAL');
    const version = this.database.pragma('user_version', { simple: true }) as number;
    if (version === 0) this.transaction(() => this.database.exec(SCHEMA));
    else if (version !== VERSION) throw new Error(`${path} is of version ${version}, not ${VERSION}`);
  }

  /** Takes the lock at its beginning, so that another process on the file waits rather than fails. */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work).immediate();
  }

  /** @returns whether it changed something */
  run(sql: string, values: readonly unknown[]): boolean {
    return this.statement(sql).run(...values).changes > 0;
  }

  get<Row>(sql: string, values: readonly unknown[]): Row | undefined {
    return this.statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, values: readonly unknown[]): Row[] {
    return this.statement(sql).all(...values) as Row[];
  }

  close(): void {
    this.database.close();
  }

  private statement(sql: string): Sqlite.Statement {
    let statement = this.statements.get(sql);
    if (statement === undefined) this.statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
}
