export { type Columns, columnsOf } from './columns.js';
export { compareRows } from './compare-rows.js';
export {
  type AccessKind,
  Database,
  type DatabaseMonitor,
  type DatabaseSchema,
  type DatabaseType,
  type EntityClass,
  type MigrationClass,
} from './database.js';
export { forUpdate, insertIfAbsent, lockName } from './locks.js';
export { type MysqlConnection, MysqlDatabase } from './mysql-database.js';
export { type DatabaseOptions, openDatabase } from './open-database.js';
export { portions } from './portions.js';
export { PostgresDatabase } from './postgres-database.js';
export { SqliteDatabase } from './sqlite-database.js';
export type { SqliteJob } from './sqlite-thread.worker.js';
export { StorageModule } from './storage.module.js';
export { isUniqueViolation } from './storage-error.js';
