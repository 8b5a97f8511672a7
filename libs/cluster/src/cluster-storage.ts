import { CacheGenerationEntity } from './cache-generation.entity.js';
import { Node1700000000050 } from './migrations/1700000000050-node.js';
import { CacheGeneration1700000000060 } from './migrations/1700000000060-cache-generation.js';
import { NodeEntity } from './node.entity.js';

/** For `StorageModule.forRoot`. */
export const CLUSTER_ENTITIES = [NodeEntity, CacheGenerationEntity];
export const CLUSTER_MIGRATIONS = [Node1700000000050, CacheGeneration1700000000060];
