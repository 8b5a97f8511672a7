import { createHash } from 'node:crypto';
import { HubbubError } from '@hubbub/protocol';
import { isUniqueViolation, type PostgresDatabase } from '@hubbub/storage';
import { LogPlaces } from './log-places.js';
import {
  IDEMPOTENCY_KEPT_MS,
  isRoomEntry,
  type MessageStoreOptions,
  type NewEntry,
  type Outcome,
} from './message-store.js';
import { type AppendedRow, appendStatement, FORGET_KEYS } from './postgres-append.js';
import { intArray, textArray } from './text-array.js';

/** Prepared by the first that uses it on a connection. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/** A key that another node stores is found by the first repetition; more are needed for several such nodes only. */
const MOST_ATTEMPTS = 10;

/** Stores batches by one prepared statement each, which is its transaction too. */
export class PostgresAppender {
  private readonly rooms: NamedStatement;
  private readonly mixed: NamedStatement;

  constructor(
    private readonly database: PostgresDatabase,
    { outbox = false }: MessageStoreOptions,
  ) {
    const named = (name: string, direct: boolean): NamedStatement => ({
      name: `hubbub_append_${name}${outbox ? '_outbox' : ''}`,
      text: appendStatement({ direct, outbox }),
    });
    this.rooms = named('rooms', false);
    this.mixed = named('mixed', true);
  }

  /** @param batch no key twice; whoever sends or receives has an inbox */
  async append(batch: readonly NewEntry[], now: number): Promise<Outcome[]> {
    const places = new LogPlaces(batch);
    for (let attempt = 1; ; attempt++) {
      try {
        return toOutcomes(batch, await this.store(batch, places, now), now);
      } catch (error) {
        if (!isKeyTaken(error) || attempt === MOST_ATTEMPTS) throw error;
        await this.forgetKeys(batch, places, now);
      }
    }
  }

  private async store(batch: readonly NewEntry[], places: LogPlaces, now: number): Promise<AppendedRow[]> {
    const direct = !batch.every(isRoomEntry);
    const values = [
      now,
      now - IDEMPOTENCY_KEPT_MS,
      textArray(places.owners.map(({ kind }) => kind)),
      textArray(places.owners.map(({ ownerId }) => ownerId)),
      intArray(batch.map((entry) => places.own(entry) + 1)),
      textArray(batch.map(({ senderId }) => senderId)),
      textArray(batch.map(({ senderName }) => senderName)),
      textArray(batch.map(({ contentJson }) => contentJson)),
      textArray(batch.map(({ idempotencyKey }) => keyName(idempotencyKey))),
      textArray(batch.map((entry) => (isRoomEntry(entry) ? entry.epoch : null))),
    ];
    if (direct) {
      values.push(
        textArray(batch.map((entry) => (isRoomEntry(entry) ? null : entry.targetId))),
        intArray(batch.map((entry) => places.target(entry) + 1)),
      );
    }
    const statement = { ...(direct ? this.mixed : this.rooms), values, rowMode: 'array' as const };
    const { rows } = await this.database.statement((client) => client.query<AppendedRow>(statement));
    return rows;
  }

  /** The key that is taken is another node's, which a repetition finds, or over its time. */
  private async forgetKeys(batch: readonly NewEntry[], places: LogPlaces, now: number): Promise<void> {
    const keyed = batch.filter(({ idempotencyKey }) => idempotencyKey !== undefined);
    const owners = keyed.map((entry) => places.owners[places.own(entry)]);
    const values = [
      now - IDEMPOTENCY_KEPT_MS,
      textArray(owners.map((owner) => owner?.kind)),
      textArray(owners.map((owner) => owner?.ownerId)),
      textArray(keyed.map((entry) => (isRoomEntry(entry) ? entry.senderId : entry.targetId))),
      textArray(keyed.map(({ idempotencyKey }) => keyName(idempotencyKey))),
    ];
    await this.database.statement((client) => client.query(FORGET_KEYS, values));
  }
}

/** Of no other table: a number that is taken would be a fault of ours. */
function isKeyTaken(error: unknown): boolean {
  return isUniqueViolation(error) && (error as { table?: unknown }).table === 'idempotency_key';
}

/** Keys hold any character, and a text of Postgres any but NUL. */
function keyName(key: string | undefined): string | undefined {
  return key?.includes('\0') ? `\u0001${createHash('sha256').update(key).digest('base64url')}` : key;
}

function toOutcomes(batch: readonly NewEntry[], rows: readonly AppendedRow[], now: number): Outcome[] {
  const own: AppendedRow[] = [];
  const targets: AppendedRow[] = [];
  for (const row of rows) (row[1] ? targets : own)[row[0] - 1] = row;
  return batch.map((entry, at) => {
    const row = own[at];
    if (row === undefined) return new HubbubError(isRoomEntry(entry) ? 'RoomNotFound' : 'ServerError');
    const [, , seq, epoch, firstAt] = row;
    const appended = { seq, epoch, timestamp: firstAt ?? now, duplicate: firstAt !== null };
    return isRoomEntry(entry) ? appended : { ...appended, targetSeq: targets[at]?.[2] ?? null };
  });
}
