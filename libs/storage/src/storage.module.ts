import { join } from 'node:path';
import { HubbubConfig } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database, type DatabaseMonitor, type DatabaseSchema } from './database.js';
import { openDatabase } from './open-database.js';
import { StorageMonitor } from './storage-monitor.js';

/** Provides the Database that the configuration names to the whole application; closes it last at shutdown. */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  static forRoot(schema: DatabaseSchema): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        {
          provide: Database,
          inject: [HubbubConfig, Metrics, HealthRegistry],
          useFactory: async (config: HubbubConfig, metrics: Metrics, health: HealthRegistry) => {
            const database = await openConfigured(config, schema, new StorageMonitor(metrics));
            health.register({ name: 'database', ready: true, check: () => answerTime(database) });
            return database;
          },
        },
      ],
      exports: [Database],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

function openConfigured(config: HubbubConfig, schema: DatabaseSchema, monitor: DatabaseMonitor): Promise<Database> {
  const { type, url, poolSize } = config.database;
  if (type === 'sqlite') {
    return openDatabase({ type, ...schema, monitor, file: url ?? join(config.dataDir, 'hubbub.sqlite') });
  }
  return openDatabase({ type, ...schema, monitor, url: url ?? '', poolSize });
}

async function answerTime(database: Database): Promise<Record<string, unknown>> {
  const start = performance.now();
  await database.ping();
  return { answer_ms: Math.round(performance.now() - start) };
}
