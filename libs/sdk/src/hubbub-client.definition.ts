import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { HubbubClientOptions } from './hubbub-client.options.js';

/** `forRoot` and `forRootAsync`, with `isGlobal` as Nest's own modules have it. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: HUBBUB_CLIENT_OPTIONS } =
  new ConfigurableModuleBuilder<HubbubClientOptions>({ moduleName: 'HubbubClient' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: false }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();
