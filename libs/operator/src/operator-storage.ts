import { AuditEntryEntity } from './audit/audit-entry.entity.js';
import { Audit1700000000500 } from './migrations/1700000000500-audit.js';

/** For `StorageModule.forRoot`. */
export const OPERATOR_ENTITIES = [AuditEntryEntity];
export const OPERATOR_MIGRATIONS = [Audit1700000000500];
