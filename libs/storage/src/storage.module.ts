import { join } from 'node:path';
import { ConfigError, HubbubConfig } from '@hubbub/config';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from './database.js';
import type { EntityClass, MigrationClass } from './sqlite-source.js';

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
          inject: [HubbubConfig],
          useFactory: (config: HubbubConfig) => openDatabase(config, options),
        },
      ],
      exports: [Database],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

async function openDatabase(config: HubbubConfig, options: StorageOptions): Promise<Database> {
  const { type, url } = config.database;
  if (type !== 'sqlite') {
    throw new ConfigError([{ key: 'database.type', message: `${type} is not built in yet: this version has sqlite` }]);
  }
  return Database.open({ ...options, file: url ?? join(config.dataDir, 'hubbub.sqlite') });
}
