import { Logger } from '@nestjs/common';
import type { CamelKeys } from './camel-case.js';
import type { ConfigFault } from './config-error.js';
import { CONFIG_KEYS, type ConfigKey, camelNames } from './config-key.js';
import { resolveSettings } from './rules.js';
import type { ConfigFile } from './schema.js';
import { type CompleteSettings, changedKeys, readSettings, toObject } from './settings.js';

/** The configuration as code sees it: camelCase, complete, frozen. */
export type ConfigValues = CamelKeys<ConfigFile>;

type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T;

/** Some of the configuration, camelCase; what is left out or undefined has its default. */
export type PartialConfig = Partially<ConfigValues>;

/** Who gave a key its value. */
export type ConfigSource = 'default' | 'file' | 'environment' | 'code';

/** Where the values come from. */
export interface ConfigOrigins {
  /** Path of the file that was read; null without one. */
  readonly file: string | null;
  /** By dotted key; those that nobody gave have their default. */
  readonly sources: ReadonlyMap<string, ConfigSource>;
}

/** A key with the value that holds now. */
export interface ConfigEntry {
  readonly key: ConfigKey;
  /** undefined where it is unset. */
  readonly value: unknown;
  readonly source: ConfigSource;
}

const NO_ORIGINS: ConfigOrigins = { file: null, sources: new Map() };

/** Told after a change, with the dotted keys that have new values now. */
export type ConfigListener = (changed: readonly string[]) => void;

/** What came of new settings. */
export interface ConfigChange {
  /** Keys that have their new value now. */
  readonly applied: readonly string[];
  /** Keys that were changed and keep their old value until a restart. */
  readonly needRestart: readonly string[];
}

/**
 * The configuration of a node. Each property is the *current* group and frozen: read it when it is needed, as a
 * reload puts another in its place.
 */
export class HubbubConfig {
  private readonly listeners = new Set<ConfigListener>();
  private values: ConfigValues;
  private generatedSecret: string | undefined;

  /**
   * @param settings complete and checked; use `loadConfig` or `HubbubConfig.from`
   * @param warnings what is odd but harmless, as an unknown `HUBBUB_*` variable; to be logged once logging works
   */
  constructor(
    private settings: CompleteSettings,
    readonly warnings: readonly string[] = [],
    private origins: ConfigOrigins = NO_ORIGINS,
  ) {
    this.values = toObject(settings, camelNames) as ConfigValues;
  }

  /**
   * A configuration over the defaults, for tests and for embedding.
   * @throws ConfigError naming every fault at once
   */
  static from(partial: PartialConfig = {}): HubbubConfig {
    const faults: ConfigFault[] = [];
    const given = readSettings(partial, camelNames, faults);
    const sources = new Map([...given.keys()].map((name) => [name, 'code' as const]));
    return new HubbubConfig(resolveSettings(given, faults), [], { file: null, sources });
  }

  /** Path of the file that was read; null without one. */
  get file(): string | null {
    return this.origins.file;
  }

  /** Every key with the value that holds now, in the order of the schema. Secrets are among them. */
  entries(): ConfigEntry[] {
    const { sources } = this.origins;
    return CONFIG_KEYS.map((key) => {
      const made = key.name === 'auth.secret' ? this.generatedSecret : undefined;
      return { key, value: made ?? this.settings.get(key.name), source: sources.get(key.name) ?? 'default' };
    });
  }

  get server(): ConfigValues['server'] {
    return this.values.server;
  }
  get dataDir(): ConfigValues['dataDir'] {
    return this.values.dataDir;
  }
  get database(): ConfigValues['database'] {
    return this.values.database;
  }
  get bus(): ConfigValues['bus'] {
    return this.values.bus;
  }
  get cluster(): ConfigValues['cluster'] {
    return this.values.cluster;
  }
  get cache(): ConfigValues['cache'] {
    return this.values.cache;
  }
  get auth(): ConfigValues['auth'] {
    return this.values.auth;
  }
  get rooms(): ConfigValues['rooms'] {
    return this.values.rooms;
  }
  get history(): ConfigValues['history'] {
    return this.values.history;
  }
  get presence(): ConfigValues['presence'] {
    return this.values.presence;
  }
  get limits(): ConfigValues['limits'] {
    return this.values.limits;
  }
  get services(): ConfigValues['services'] {
    return this.values.services;
  }
  get audit(): ConfigValues['audit'] {
    return this.values.audit;
  }
  get heartbeat(): ConfigValues['heartbeat'] {
    return this.values.heartbeat;
  }
  get drain(): ConfigValues['drain'] {
    return this.values.drain;
  }
  get log(): ConfigValues['log'] {
    return this.values.log;
  }
  get metrics(): ConfigValues['metrics'] {
    return this.values.metrics;
  }

  /** @returns stops telling `listener` */
  onChange(listener: ConfigListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Takes over another configuration's values, all that can be reloaded at once; listeners see the new values.
   * A listener that throws is logged and does not keep the others from being told.
   */
  apply(next: HubbubConfig): ConfigChange {
    const changed = changedKeys(this.settings, next.settings);
    const reloadable = new Set(CONFIG_KEYS.filter((key) => key.reload).map((key) => key.name));
    const applied = changed.filter((name) => reloadable.has(name));
    this.takeOrigins(next.origins, new Set(changed.filter((name) => !reloadable.has(name))));
    if (applied.length > 0) {
      const settings = new Map(this.settings);
      for (const name of applied) settings.set(name, next.settings.get(name));
      this.settings = settings;
      this.refresh();
      this.tell(applied);
    }
    return { applied, needRestart: changed.filter((name) => !reloadable.has(name)) };
  }

  /** Sets `auth.secret` to one that was made, not configured: a reload does not count it as changed. */
  useSecret(secret: string): void {
    this.generatedSecret = secret;
    this.refresh();
  }

  /** @param kept keys that go on with the value they have, whoever gave it */
  private takeOrigins({ file, sources }: ConfigOrigins, kept: ReadonlySet<string>): void {
    const before = this.origins.sources;
    const merged = CONFIG_KEYS.flatMap(({ name }) => {
      const source = (kept.has(name) ? before : sources).get(name);
      return source === undefined ? [] : [[name, source] as const];
    });
    this.origins = { file, sources: new Map(merged) };
  }

  private refresh(): void {
    const settings = new Map(this.settings);
    if (this.generatedSecret !== undefined) settings.set('auth.secret', this.generatedSecret);
    this.values = toObject(settings, camelNames) as ConfigValues;
  }

  private tell(changed: readonly string[]): void {
    for (const listener of this.listeners) {
      try {
        listener(changed);
      } catch (err) {
        new Logger('Config').error({ msg: 'configuration listener failed', changed, err });
      }
    }
  }
}
