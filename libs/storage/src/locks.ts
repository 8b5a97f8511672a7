import { createHash } from 'node:crypto';
import type { EntityManager, EntityTarget, ObjectLiteral, QueryDeepPartialEntity } from 'typeorm';
import { LOCK_SLOTS } from './lock-slots.migration.js';

/** What a find of a transaction is given so that what it finds stays as it is until the commit. */
interface ForUpdate {
  lock?: { mode: 'pessimistic_write' };
}

/**
 * Options for `find` and `findOne`: the rows found are locked until the end of the transaction, and read as they are
 * once nobody else holds them. SQLite needs no such thing: a transaction has the whole database from its begin.
 *
 * `manager.findOne(RoomEntity, { where: { id }, ...forUpdate(manager) })`
 */
export function forUpdate(manager: EntityManager): ForUpdate {
  return isSqlite(manager) ? {} : { lock: { mode: 'pessimistic_write' } };
}

/**
 * Lets one transaction at a time go on that gave the same name: for rules about rows that are not there yet, as a
 * number of them. Different names rarely wait for each other. Ends with the transaction.
 */
export async function lockName(manager: EntityManager, name: string): Promise<void> {
  if (isSqlite(manager)) return;
  const slot = createHash('sha256').update(name).digest().readUInt32BE() % LOCK_SLOTS;
  await manager.query(`SELECT slot FROM lock_slot WHERE slot = ${slot} FOR UPDATE`);
}

/**
 * Inserts a row, or several; each is left alone where there is one with the same `key`. One statement, so two at once are no error.
 * @param key properties of the primary key or of a unique index
 */
export async function insertIfAbsent<Entity extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Entity>,
  row: QueryDeepPartialEntity<Entity> | QueryDeepPartialEntity<Entity>[],
  key: readonly (keyof Entity & string)[],
): Promise<void> {
  const insert = manager.createQueryBuilder().insert().into(entity).values(row);
  const { type } = manager.dataSource.options;
  if (type !== 'mysql' && type !== 'mariadb') {
    await insert.orIgnore().execute();
    return;
  }
  // INSERT IGNORE would ignore every other fault of the row too, and cut it to fit. Writing what is there changes nothing.
  const columns = key.map((property) => manager.dataSource.getMetadata(entity).findColumnWithPropertyName(property));
  await insert.orUpdate(columns.slice(0, 1).map((column) => column?.databaseName ?? '')).execute();
}

function isSqlite(manager: EntityManager): boolean {
  return manager.dataSource.options.type === 'better-sqlite3';
}
