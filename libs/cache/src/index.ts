export { Cache, type Found, type Load } from './cache.js';
export { CacheModule } from './cache.module.js';
export { Caches } from './caches.js';
export { Contact } from './contact.js';
export { LruMap } from './lru-map.js';
