import { Control, NodeInfo } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { Global, Module } from '@nestjs/common';
import { Caches, type SharedCaches } from './caches.js';
import { Contact, NoContact } from './contact.js';

/** Provides Caches. Needs config, bus, health and metrics; in a cluster a global module of the application provides Contact. */
@Global()
@Module({
  providers: [
    {
      provide: Caches,
      inject: [HubbubConfig, NodeInfo, Control, Metrics, HealthRegistry, { token: Contact, optional: true }],
      useFactory: async (
        config: HubbubConfig,
        node: NodeInfo,
        control: Control,
        metrics: Metrics,
        health: HealthRegistry,
        contact: Contact | undefined,
      ) => new Caches(config, node, control, metrics, health, contact ?? new NoContact(), await sharedOf(config)),
    },
  ],
  exports: [Caches],
})
export class CacheModule {}

async function sharedOf({ cache: { type, url } }: HubbubConfig): Promise<SharedCaches | null> {
  if (type === 'memory') return null;
  if (url === undefined) throw new Error(`cache.url: required because cache.type is ${type}`);
  const [{ RedisStore }, { RedisCache }] = await Promise.all([
    import('./redis/redis-store.js'),
    import('./redis/redis-cache.js'),
  ]);
  return { store: await new RedisStore(url).opened(), Cache: RedisCache };
}
