import { Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { GATEWAY_METADATA } from '@nestjs/websockets/internal';

type Imported = NonNullable<ModuleMetadata['imports']>[number];
type Parts = Required<Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'>>;
/** A provider that says itself what it stands for. */
export type Replacement = Exclude<Provider, Type>;

const PARTS = ['imports', 'controllers', 'providers'] as const;

export interface Alterations {
  /** Controllers and gateways that are left out: nothing else is needed by nobody. */
  readonly without: readonly Type[];
  /** In place of the providers of the same tokens. */
  readonly providers: readonly Replacement[];
  /** For the modules whose providers are replaced: what the replacements inject comes from these. */
  readonly imports: readonly Imported[];
}

/**
 * Makes modules anew as an application wants them: less what it does without, with its own providers in place of theirs. Nest has
 * this for tests alone. A module that none of it concerns stays what it is.
 */
export class Tailor {
  /** Everything that was met in the modules and is left in them. */
  readonly controllers = new Set<Type>();
  readonly classes = new Set<Type>();
  private readonly made = new Map<unknown, Imported>();
  private readonly found = new Set<unknown>();

  constructor(private readonly alterations: Alterations) {}

  /** All of them, and what they import. @throws Error for what is altered and in none of them */
  fit(modules: readonly Imported[]): Imported[] {
    const fitted = modules.map((module) => this.altered(module));
    const { without, providers } = this.alterations;
    const unknown = [...without, ...providers.map(({ provide }) => provide)].filter((token) => !this.found.has(token));
    if (unknown.length === 0) return fitted;
    throw new Error(`Hubbub has no ${unknown.map(nameOf).join(', no ')} that could be left out or replaced`);
  }

  private altered(module: Imported): Imported {
    const known = this.made.get(module);
    if (known !== undefined) return known;
    const made = this.make(module);
    this.made.set(module, made);
    return made;
  }

  private make(module: Imported): Imported {
    if (typeof module === 'function') return this.makeClass(module);
    if (!('module' in module)) return module;
    const parts = this.alter(partsOf((part) => module[part]));
    const type = this.altered(module.module) as Type;
    return parts === null && type === module.module ? module : { ...module, ...parts, module: type };
  }

  /** A class that inherits everything but the parts that differ: Nest reads those from the class itself. */
  private makeClass(type: Type): Type {
    const parts = this.alter(partsOf((part) => Reflect.getMetadata(part, type) as never));
    if (parts === null) return type;
    const { [type.name]: altered } = { [type.name]: class extends type {} };
    Module(parts)(altered as Type);
    return altered as Type;
  }

  /** Null where nothing changes. */
  private alter({ imports, controllers, providers }: Parts): Parts | null {
    const altered = {
      imports: imports.map((module) => this.altered(module)),
      controllers: controllers.filter((controller) => this.stays(controller)),
      providers: providers
        .filter((provider) => !isGateway(provider) || this.stays(provider))
        .map((provider) => this.replaced(provider)),
    };
    const replaces = altered.providers.some((provider) => this.alterations.providers.includes(provider as Replacement));
    if (replaces) altered.imports.push(...this.alterations.imports);
    for (const controller of altered.controllers) this.controllers.add(controller);
    for (const provider of altered.providers) if (typeof provider === 'function') this.classes.add(provider);
    const same =
      sameItems(imports, altered.imports) &&
      sameItems(controllers, altered.controllers) &&
      sameItems(providers, altered.providers);
    return same ? null : altered;
  }

  private stays(part: unknown): boolean {
    if (!this.alterations.without.includes(part as Type)) return true;
    this.found.add(part);
    return false;
  }

  private replaced(provider: Provider): Provider {
    const token = typeof provider === 'function' ? provider : provider.provide;
    const replacement = this.alterations.providers.find(({ provide }) => provide === token);
    if (replacement === undefined) return provider;
    this.found.add(token);
    return replacement;
  }
}

function partsOf(read: (part: (typeof PARTS)[number]) => readonly unknown[] | undefined): Parts {
  const [imports, controllers, providers] = PARTS.map((part) => [...(read(part) ?? [])]);
  return { imports, controllers, providers } as Parts;
}

function isGateway(provider: Provider): boolean {
  return typeof provider === 'function' && Reflect.hasMetadata(GATEWAY_METADATA, provider);
}

function sameItems(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}

function nameOf(token: unknown): string {
  return typeof token === 'function' ? token.name : String(token);
}
