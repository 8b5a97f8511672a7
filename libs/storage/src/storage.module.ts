import { join } from 'node:path';
import { ConfigError, HubbubConfig } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database, type DatabaseMonitor } from './database.js';
import type { EntityClass, MigrationClass } from './sqlite-source.js';
import { StorageMonitor } from './storage-monitor.js';

export interface StorageOptions {
  readonly entities: readonly EntityClass[];
  /** Run at start, in the order of the time stamps their names end in. */
  readonly migrations: readonly MigrationClass[];
}

/** Provides the Database that the configuration names to the whole application; closes it last at shutdown. */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  static forRoot(options: StorageOptions): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        {
          provide: Database,
          inject: [HubbubConfig, Metrics, HealthRegistry],
          useFactory: async (config: HubbubConfig, metrics: Metrics, health: HealthRegistry) => {
            const database = await openDatabase(config, options, new StorageMonitor(metrics));
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

async function openDatabase(
  config: HubbubConfig,
  options: StorageOptions,
  monitor: DatabaseMonitor,
): Promise<Database> {
  const { type, url } = config.database;
  if (type !== 'sqlite') {
    throw new ConfigError([{ key: 'database.type', message: `${type} is not built in yet: this version has sqlite` }]);
  }
  return Database.open({ ...options, monitor, file: url ?? join(config.dataDir, 'hubbub.sqlite') });
}

async function answerTime(database: Database): Promise<Record<string, unknown>> {
  const start = performance.now();
  await database.ping();
  return { answer_ms: Math.round(performance.now() - start) };
}
