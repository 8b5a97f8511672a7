import { type Database, MysqlDatabase, PostgresDatabase, SqliteDatabase } from '@hubbub/storage';
import type { MessageStore, MessageStoreOptions } from './message-store.js';
import { MysqlMessageStore } from './mysql-message-store.js';
import { PostgresMessageStore } from './postgres-message-store.js';
import { SqliteMessageStore } from './sqlite-message-store.js';

/** The store for a database of any type. */
export function messageStoreOn(database: Database, options: MessageStoreOptions = {}): MessageStore {
  if (database instanceof SqliteDatabase) return new SqliteMessageStore(database, options);
  if (database instanceof PostgresDatabase) return new PostgresMessageStore(database, options);
  if (database instanceof MysqlDatabase) return new MysqlMessageStore(database, options);
  throw new Error(`no message store for ${database.type}`);
}
