export { Database, type DatabaseMonitor, type DatabaseOptions } from './database.js';
export type { EntityClass, MigrationClass } from './sqlite-source.js';
export { StorageModule, type StorageOptions } from './storage.module.js';
export { isUniqueViolation } from './storage-error.js';
