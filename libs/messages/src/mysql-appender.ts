import { isUniqueViolation, type MysqlConnection, type MysqlDatabase } from '@hubbub/storage';
import { LogPlaces } from './log-places.js';
import {
  IDEMPOTENCY_KEPT_MS,
  isRoomEntry,
  type MessageStoreOptions,
  type NewEntry,
  type Outcome,
} from './message-store.js';
import type { NewDirectMessage } from './messages.js';
import { type BatchState, type LockedLog, type NumberedBatch, numberBatch } from './number-batch.js';

type Value = string | number;
type Row = readonly Value[];

/** Below the largest statement that servers take by default, 16 MiB, whatever escaping and UTF-8 make of the characters. */
const MOST_CHARS_A_STATEMENT = 1024 * 1024;

/**
 * Stores batches in one transaction each, by statements of many rows: locks, keys, messages, heads. The locks of the logs are taken in
 * the order of their index by every node; a deadlock with somebody else repeats the transaction.
 */
export class MysqlAppender {
  constructor(
    private readonly database: MysqlDatabase,
    private readonly options: MessageStoreOptions,
  ) {}

  /** @param batch no key twice; whoever sends or receives has an inbox */
  append(batch: readonly NewEntry[], now: number): Promise<readonly Outcome[]> {
    const places = new LogPlaces(batch);
    return this.database.transaction(async (_, connection) => {
      const statements = new Statements(connection);
      const logs = await statements.lock(places);
      const state: BatchState = { logs, firstUses: new Map(), blocked: await statements.blocked(batch) };
      const numbered = await this.withKeys(statements, batch, places, state, now);
      await this.write(statements, numbered, now);
      return numbered.outcomes;
    });
  }

  /** Repeats are rare, so keys are looked for only where one cannot be inserted. */
  private async withKeys(
    statements: Statements,
    batch: readonly NewEntry[],
    places: LogPlaces,
    state: BatchState,
    now: number,
  ): Promise<NumberedBatch> {
    const numbered = numberBatch(batch, places, state, now);
    try {
      await statements.insertKeys(numbered, now);
      return numbered;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    const firstUses = await statements.firstUses(numbered, now - IDEMPOTENCY_KEPT_MS);
    const renumbered = numberBatch(batch, places, { ...state, firstUses }, now);
    await statements.insertKeys(renumbered, now);
    return renumbered;
  }

  private async write(statements: Statements, { room, inbox, heads }: NumberedBatch, now: number): Promise<void> {
    await statements.insert(
      'room_message (log_id, seq, sender_id, sender_name, content, timestamp, redacted)',
      room.map(({ entry, logId, seq }) => [logId, seq, entry.senderId, entry.senderName, entry.contentJson, now, 0]),
    );
    await statements.insert(
      'inbox_message (log_id, seq, peer_id, sender_id, sender_name, content, timestamp)',
      inbox.map(({ entry, logId, seq, peerId }) => [
        ...[logId, seq, peerId, entry.senderId, entry.senderName, entry.contentJson, now],
      ]),
    );
    if (this.options.outbox) {
      const pointers = room.map(({ entry, logId, seq }) => [entry.roomId, logId, seq, now]);
      await statements.insert('outbox (room_id, log_id, seq, created_at)', pointers);
    }
    await statements.writeHeads(heads);
  }
}

/** The statements of a batch. The driver writes values into the text: a prepared statement has one number of rows. */
class Statements {
  constructor(private readonly connection: MysqlConnection) {}

  /** In the order of `places.owners`; undefined for what is not there. */
  async lock({ owners }: LogPlaces): Promise<(LockedLog | undefined)[]> {
    const conditions: string[] = [];
    const values: unknown[] = [];
    for (const kind of ['room', 'inbox'] as const) {
      const ownerIds = owners.filter((owner) => owner.kind === kind).map(({ ownerId }) => ownerId);
      if (ownerIds.length === 0) continue;
      conditions.push('(kind = ? AND owner_id IN (?))');
      values.push(kind, ownerIds);
    }
    const rows = await this.rows<{ kind: string; owner_id: string } & LockedLog>(
      `SELECT kind, owner_id, id, epoch, head FROM message_log FORCE INDEX (message_log_owner)
       WHERE ${conditions.join(' OR ')} FOR UPDATE`,
      values,
    );
    const logs = new Map(rows.map((row) => [`${row.kind} ${row.owner_id}`, row]));
    return owners.map(({ kind, ownerId }) => logs.get(`${kind} ${ownerId}`));
  }

  async blocked(batch: readonly NewEntry[]): Promise<Set<NewEntry>> {
    const direct = batch.filter((entry): entry is NewDirectMessage => !isRoomEntry(entry));
    if (direct.length === 0) return new Set();
    const rows = await this.rows<{ user_id: string; blocked_id: string }>(
      `SELECT user_id, blocked_id FROM user_block WHERE ${anyOf(['user_id', 'blocked_id'], direct.length)}`,
      direct.flatMap(({ targetId, senderId }) => [targetId, senderId]),
    );
    const blocks = new Set(rows.map(({ user_id, blocked_id }) => `${user_id}\n${blocked_id}`));
    return new Set(direct.filter(({ targetId, senderId }) => blocks.has(`${targetId}\n${senderId}`)));
  }

  async insertKeys({ keyed }: NumberedBatch, now: number): Promise<void> {
    await this.insert(
      'idempotency_key (log_id, scope, name, seq, timestamp)',
      keyed.map(({ entry, logId, seq }) => [logId, scopeOf(entry), entry.idempotencyKey ?? '', seq, now]),
    );
  }

  /** The messages that keys stand for. Keys up to `forgotten` are deleted. */
  async firstUses({ keyed }: NumberedBatch, forgotten: number): Promise<BatchState['firstUses']> {
    const condition = anyOf(['log_id', 'scope', 'name'], keyed.length);
    const values = keyed.flatMap(({ entry, logId }) => [logId, scopeOf(entry), entry.idempotencyKey ?? '']);
    await this.query(`DELETE FROM idempotency_key WHERE (${condition}) AND timestamp <= ?`, [...values, forgotten]);
    const rows = await this.rows<{ log_id: number; scope: string; name: string; seq: number; timestamp: number }>(
      `SELECT log_id, scope, name, seq, timestamp FROM idempotency_key WHERE ${condition}`,
      values,
    );
    const found = new Map(rows.map((row) => [`${row.log_id}\n${row.scope}\n${row.name}`, row]));
    return new Map(
      keyed.flatMap(({ entry, logId }) => {
        const first = found.get(`${logId}\n${scopeOf(entry)}\n${entry.idempotencyKey}`);
        return first === undefined ? [] : [[entry, { seq: first.seq, timestamp: first.timestamp }] as const];
      }),
    );
  }

  async writeHeads(heads: ReadonlyMap<number, number>): Promise<void> {
    if (heads.size === 0) return;
    await this.query(
      `UPDATE message_log SET head = CASE id ${'WHEN ? THEN ? '.repeat(heads.size)}END WHERE id IN (?)`,
      [...[...heads].flat(), [...heads.keys()]],
    );
  }

  /** In several statements where one would be too long. */
  async insert(into: string, rows: readonly Row[]): Promise<void> {
    for (let at = 0; at < rows.length; ) {
      let end = at;
      for (let chars = 0; end < rows.length && (end === at || chars < MOST_CHARS_A_STATEMENT); end++) {
        chars += charsOf(rows[end] as Row);
      }
      await this.query(`INSERT INTO ${into} VALUES ?`, [rows.slice(at, end)]);
      at = end;
    }
  }

  private async rows<T>(text: string, values: unknown[]): Promise<T[]> {
    const [rows] = await this.connection.promise().query(text, values);
    return rows as T[];
  }

  private async query(text: string, values: unknown[]): Promise<void> {
    await this.connection.promise().query(text, values);
  }
}

/** What a key belongs to, within its log. */
function scopeOf(entry: NewEntry): string {
  return isRoomEntry(entry) ? entry.senderId : entry.targetId;
}

/** A condition that goes by the index in MySQL and in MariaDB; MariaDB reads the whole table for `(a, b) IN (…)`. */
function anyOf(columns: readonly string[], count: number): string {
  const one = `(${columns.map((column) => `${column} = ?`).join(' AND ')})`;
  return Array.from({ length: count }, () => one).join(' OR ');
}

function charsOf(row: Row): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
}
