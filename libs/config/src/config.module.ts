import { type DynamicModule, Module } from '@nestjs/common';
import { HubbubConfig } from './hubbub-config.js';

/** Provides the HubbubConfig to the whole application. */
@Module({})
export class ConfigModule {
  static forRoot(config: HubbubConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: HubbubConfig, useValue: config }],
      exports: [HubbubConfig],
    };
  }
}
