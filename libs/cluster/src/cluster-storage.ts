import { Node1700000000050 } from './migrations/1700000000050-node.js';
import { NodeEntity } from './node.entity.js';

/** For `StorageModule.forRoot`. */
export const CLUSTER_ENTITIES = [NodeEntity];
export const CLUSTER_MIGRATIONS = [Node1700000000050];
