export { describeCacheContract, type MakeShared } from './cache.contract.js';
export { type CachesNode, cachesNode, ManualContact } from './caches-node.js';
