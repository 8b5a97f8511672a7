import { COMMANDS, type CommandType } from '@hubbub/protocol';
import { BuiltIns, HttpErrorFilter } from '@hubbub/transport';
import { type DynamicModule, Module, type Type, UseFilters, VERSION_NEUTRAL } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, VERSION_METADATA } from '@nestjs/common/internal';
import type { Tailor } from './tailor.js';

/** The controllers that Hubbub has in this application. */
export abstract class OwnControllers {
  abstract readonly all: ReadonlySet<Type>;
}

/** Says to the whole application what is Hubbub's own in it. */
@Module({})
export class PartsModule {
  /** @throws Error for a command that is none of Hubbub's */
  static forRoot({ classes, controllers }: Tailor, without: readonly CommandType[]): DynamicModule {
    const unknown = without.filter((type) => !Object.hasOwn(COMMANDS, type));
    if (unknown.length > 0)
      throw new Error(`Hubbub has no command ${unknown.map(String).join(', ')} that could be left out`);
    for (const controller of controllers) answerAsHubbub(controller);
    const off = new Set<string>(without);
    const builtIns: BuiltIns = { has: (gateway) => classes.has(gateway), isOff: (type) => off.has(type) };
    return {
      module: PartsModule,
      global: true,
      providers: [
        { provide: BuiltIns, useValue: builtIns },
        { provide: OwnControllers, useValue: { all: controllers } },
      ],
      exports: [BuiltIns, OwnControllers],
    };
  }
}

/**
 * What a controller of Hubbub's has in whatever application it is: the error body of PROTOCOL §8, also where others catch
 * everything; and its path, also where other controllers have versions.
 */
function answerAsHubbub(controller: Type): void {
  const filters = (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, controller) ?? []) as unknown[];
  if (!filters.includes(HttpErrorFilter)) UseFilters(HttpErrorFilter)(controller);
  Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, controller);
}
