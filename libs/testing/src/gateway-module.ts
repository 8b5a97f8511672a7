import { type Bus, fastifyAdapter, type HubbubConfig, HubbubModule, PinoLogger, useHubbub } from '@hubbub/hubbub';
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
 */
export async function makeApplication(
  config: HubbubConfig,
  { imports = [], controllers = [], providers = [], override = (module) => module }: ApplicationParts,
  bus?: (nodeId: string) => Bus | Promise<Bus>,
): Promise<NestFastifyApplication> {
  const hubbub = HubbubModule.forRoot(config, bus && { bus });
  const own = await findHubbub(imports);
  const builder = Test.createTestingModule({
    imports: own === undefined ? [hubbub, ...imports] : imports,
    controllers,
    providers,
  });
  if (own !== undefined) builder.overrideModule(own as never).useModule(hubbub as never);
  const logger = new PinoLogger(config);
  const module = await override(builder.setLogger(logger)).compile();
  const options = { logger, rawBody: true };
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(config), options);
  useHubbub(app, { standalone: true });
  return app;
}

/** The import of HubbubModule in a tree of modules, as it is written there. */
async function findHubbub(imports: readonly Imported[], seen = new Set<unknown>()): Promise<Imported | undefined> {
  for (const imported of imports) {
    const given: Type | DynamicModule | ForwardReference = await imported;
    const module = ('forwardRef' in given ? given.forwardRef() : given) as Type | DynamicModule;
    if (seen.has(module)) continue;
    seen.add(module);
    const [type, inner] = typeof module === 'function' ? [module, []] : [module.module, module.imports ?? []];
    if (type === HubbubModule) return imported;
    const ofType = (Reflect.getMetadata('imports', type) ?? []) as Imported[];
    const found = await findHubbub([...inner, ...ofType], seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
