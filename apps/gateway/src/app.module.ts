import { type HubbubConfig, HubbubModule } from '@hubbub/hubbub';
import { type DynamicModule, Module } from '@nestjs/common';

/** The gateway as it is run: Hubbub and nothing else. */
@Module({})
export class AppModule {
  static forRoot(config: HubbubConfig): DynamicModule {
    return { module: AppModule, imports: [HubbubModule.forRoot(config)] };
  }
}
