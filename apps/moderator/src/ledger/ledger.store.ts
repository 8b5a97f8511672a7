import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Decision, decisionId, type Effect, effectsOf, type Rule, type StoredMessage } from '../decision.js';
import { actionFor, type Rules } from '../escalation.js';
import { likeness, type Sketch } from '../text/sketch.js';
import { SCHEMA, SCHEMA_VERSION } from './schema.store.js';

/** Rooms are judged side by side: one may be behind another by so much and still find its window whole. */
const LAG_MS = 60 * 60 * 1000;
/** As long as the gateways' stream may bring a message again. */
const STREAM_MS = 7 * 24 * 60 * 60 * 1000;
/** Of one user in one room that are compared: who sends faster than that is the rate limit's business. */
const COMPARED = 100;

/** An effect that is due. */
export interface Due {
  readonly number: number;
  readonly decision: Decision;
}

/**
 * What the moderator remembers, in one SQLite file: what was said lately (not in words), what was decided, and which effects
 * are due. Each change is one transaction and known by its message's id: to judge a message again changes nothing.
 */
export class Ledger {
  private readonly database: Sqlite.Database;

  /** @throws Error if the file is of a later version, or no database */
  constructor(
    file: string,
    private readonly rules: Rules,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    this.database = new Sqlite(file);
    this.database.pragma('journal_mode = WAL');
    // A killed process loses nothing; a power cut at most what was judged in the last moments.
    this.database.pragma('synchronous = NORMAL');
    const version = this.database.pragma('user_version', { simple: true });
    if (version === 0) this.database.transaction(() => this.database.exec(SCHEMA))();
    else if (version !== SCHEMA_VERSION)
      throw new Error(`${file} is of version ${String(version)}, not ${SCHEMA_VERSION}`);
  }

  /** Notes that something was said. @returns how many texts like it the user has sent to the room by then, this one included */
  remember({ epoch, seq, sender_id: sender, timestamp: at }: StoredMessage, sketch: Sketch): number {
    return this.transaction(() => {
      const { repeatsWindowMs, repeatsLikeness } = this.rules;
      this.run('INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?, ?)', epoch, seq, sender, at, toBytes(sketch));
      this.run('DELETE FROM said WHERE at < ?', at - repeatsWindowMs - LAG_MS);
      const before = this.all<{ sketch: Buffer }>(
        'SELECT sketch FROM said WHERE epoch = ? AND sender_id = ? AND seq < ? AND at > ? ORDER BY seq DESC LIMIT ?',
        ...[epoch, sender, seq, at - repeatsWindowMs, COMPARED],
      );
      return 1 + before.filter((one) => likeness(fromBytes(one.sketch), sketch) >= repeatsLikeness).length;
    });
  }

  /** What was decided about a message; undefined if nothing was. */
  find(id: string): Decision | undefined {
    const [found] = this.all<{ json: string }>('SELECT json FROM decision WHERE id = ?', id);
    return found && (JSON.parse(found.json) as Decision);
  }

  /** Decides what follows from an offence, and makes its effects due. What was decided about the message before, stays. */
  decide(message: StoredMessage, rule: Rule, now: number): Decision {
    return this.transaction(() => {
      const { room_id, epoch, seq, sender_id: user_id, sender_name: username, timestamp: at } = message;
      const id = decisionId(message);
      const known = this.find(id);
      if (known !== undefined) return known;
      const { offencesWindowMs } = this.rules;
      this.run(
        `DELETE FROM decision WHERE at < ? AND NOT EXISTS (SELECT 1 FROM effect WHERE decision_id = id)`,
        at - Math.max(offencesWindowMs, STREAM_MS) - LAG_MS,
      );
      const offence = 1 + this.offences(user_id, at - offencesWindowMs);
      const action = actionFor(offence, this.rules);
      const decision = { id, timestamp: now, room_id, epoch, seq, user_id, username, rule, action, offence };
      this.run('INSERT INTO decision VALUES (?, ?, ?, ?)', id, user_id, at, JSON.stringify(decision));
      for (const kind of effectsOf(action)) this.run('INSERT INTO effect (kind, decision_id) VALUES (?, ?)', kind, id);
      return decision;
    });
  }

  /** The first effect of a kind that is due. */
  next(kind: Effect): Due | undefined {
    const [found] = this.all<{ number: number; json: string }>(
      'SELECT number, json FROM effect JOIN decision ON id = decision_id WHERE kind = ? ORDER BY number LIMIT 1',
      kind,
    );
    return found && { number: found.number, decision: JSON.parse(found.json) as Decision };
  }

  done({ number }: Due): void {
    this.run('DELETE FROM effect WHERE number = ?', number);
  }

  /** How many effects are due. */
  get due(): number {
    return this.all<{ count: number }>('SELECT COUNT(*) AS count FROM effect')[0]?.count ?? 0;
  }

  close(): void {
    this.database.close();
  }

  private offences(userId: string, after: number): number {
    const [found] = this.all<{ count: number }>(
      'SELECT COUNT(*) AS count FROM decision WHERE user_id = ? AND at > ?',
      ...[userId, after],
    );
    return found?.count ?? 0;
  }

  /** Takes the lock at its beginning, so that another process on the file waits rather than fails. */
  private transaction<T>(work: () => T): T {
    return this.database.transaction(work).immediate();
  }

  private run(sql: string, ...values: unknown[]): void {
    this.statement(sql).run(...values);
  }

  private all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.statement(sql).all(...values) as Row[];
  }

  private readonly statements = new Map<string, Sqlite.Statement>();

  private statement(sql: string): Sqlite.Statement {
    let prepared = this.statements.get(sql);
    if (prepared === undefined) this.statements.set(sql, (prepared = this.database.prepare(sql)));
    return prepared;
  }
}

function toBytes({ buffer, byteOffset, byteLength }: Sketch): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function fromBytes(bytes: Buffer): Sketch {
  // A copy, as the bytes may begin anywhere.
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
