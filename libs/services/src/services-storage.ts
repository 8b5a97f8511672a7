import { Services1700000000400 } from './migrations/1700000000400-services.js';
import { RelayLeaseEntity } from './outbox/relay-lease.entity.js';

/** For `StorageModule.forRoot`. */
export const SERVICES_ENTITIES = [RelayLeaseEntity];
export const SERVICES_MIGRATIONS = [Services1700000000400];
