import { type Bus, fastifyAdapter, HubbubConfig, HubbubModule, PinoLogger, useHubbub } from '@hubbub/hubbub';
import type { DynamicModule, ForwardReference, ModuleMetadata, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';

type Imported = NonNullable<ModuleMetadata['imports']>[number];

/** What an application of tests has beside Hubbub. */
export interface ApplicationParts extends Pick<ModuleMetadata, 'controllers' | 'imports' | 'providers'> {
  /** What Nest's testing module can put in the place of something: `(module) => module.overrideProvider(Payments).useValue(fake)`. */
  readonly override?: (module: TestingModuleBuilder) => TestingModuleBuilder;
}

/**
 * Makes the application. Where the imports have Hubbub already, as a whole `AppModule` has, it gets this configuration in
 * place of its own.
 * @throws Error if it is to have another bus then: that is the application's
 */
export async function makeApplication(
  config: HubbubConfig,
  { imports = [], controllers = [], providers = [], override = (module) => module }: ApplicationParts,
  bus?: (nodeId: string) => Bus | Promise<Bus>,
): Promise<NestFastifyApplication> {
  const hasHubbub = await importsHubbub(imports);
  if (hasHubbub && bus) throw new Error('the nodes of a cluster have a HubbubModule each: import modules without it');
  const hubbub = hasHubbub ? [] : [HubbubModule.forRoot(config, bus && { bus })];
  const builder = Test.createTestingModule({ imports: [...hubbub, ...imports], controllers, providers });
  const logger = new PinoLogger(config);
  builder.setLogger(logger).overrideProvider(HubbubConfig).useValue(config);
  const module = await override(builder).compile();
  const options = { logger, rawBody: true };
  const app = module.createNestApplication<NestFastifyApplication>(await fastifyAdapter(config), options);
  useHubbub(app, { standalone: true });
  return app;
}

/** Whether HubbubModule is in a tree of modules. */
async function importsHubbub(imports: readonly Imported[], seen = new Set<unknown>()): Promise<boolean> {
  for (const imported of imports) {
    const given: Type | DynamicModule | ForwardReference = await imported;
    const module = ('forwardRef' in given ? given.forwardRef() : given) as Type | DynamicModule;
    if (seen.has(module)) continue;
    seen.add(module);
    const [type, inner] = typeof module === 'function' ? [module, []] : [module.module, module.imports ?? []];
    if (type === HubbubModule) return true;
    const ofType = (Reflect.getMetadata('imports', type) ?? []) as Imported[];
    if (await importsHubbub([...inner, ...ofType], seen)) return true;
  }
  return false;
}
