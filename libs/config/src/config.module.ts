import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata } from '@nestjs/common';
import { HubbubConfig } from './hubbub-config.js';

/** Makes the configuration once the providers that it needs are there. */
export type ConfigFactory = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<HubbubConfig>, 'inject' | 'useFactory'>;

/** Provides the HubbubConfig to the whole application. */
@Module({})
export class ConfigModule {
  static forRoot(config: HubbubConfig): DynamicModule {
    return ConfigModule.forRootAsync({ useFactory: () => config });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: ConfigFactory): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      imports,
      providers: [{ provide: HubbubConfig, inject, useFactory }],
      exports: [HubbubConfig],
    };
  }
}
