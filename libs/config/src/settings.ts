import type { ConfigFault } from './config-error.js';
import { CONFIG_KEYS, isKey, KEY_TREE, type KeyTree, type Naming } from './config-key.js';

/** Values by dotted key, as somebody wrote them: what is left out has its default. */
export type Settings = Map<string, unknown>;

/** A value for every key; undefined where a key may be unset. */
export type CompleteSettings = ReadonlyMap<string, unknown>;

/**
 * Reads an object of the schema's shape. An empty group or value counts as left out.
 * @param naming how the object names its keys
 * @returns what was written; faults are added to `faults`, values are not checked yet
 */
export function readSettings(object: unknown, naming: Naming, faults: ConfigFault[], source?: string): Settings {
  const settings: Settings = new Map();
  readGroup(object, KEY_TREE, '', { naming, faults, source, settings });
  return settings;
}

interface Reading {
  readonly naming: Naming;
  readonly faults: ConfigFault[];
  readonly source: string | undefined;
  readonly settings: Settings;
}

function readGroup(value: unknown, tree: KeyTree, prefix: string, reading: Reading): void {
  if (value === null || value === undefined) return;
  const fault = (key: string, message: string): void => {
    reading.faults.push({ key, message, ...(reading.source === undefined ? {} : { source: reading.source }) });
  };
  if (typeof value !== 'object' || Array.isArray(value)) {
    fault(prefix === '' ? '(top)' : prefix.slice(0, -1), 'expected a group of keys');
    return;
  }
  const known = new Map([...tree].map(([name, node]) => [reading.naming(name), { name, node }]));
  for (const [given, child] of Object.entries(value)) {
    const entry = known.get(given);
    if (entry === undefined) fault(`${prefix}${given}`, 'unknown key');
    else if (!isKey(entry.node)) readGroup(child, entry.node, `${prefix}${entry.name}.`, reading);
    else if (child !== null && child !== undefined) reading.settings.set(entry.node.name, child);
  }
}

/** Fills in the defaults. `auth.registration` is off by default where accounts are kept elsewhere. */
export function withDefaults(settings: Settings): CompleteSettings {
  const complete = new Map(CONFIG_KEYS.map((key) => [key.name, settings.get(key.name) ?? key.default]));
  const accountsElsewhere = settings.has('auth.public_key') || settings.has('auth.jwks_url');
  if (accountsElsewhere && !settings.has('auth.registration')) complete.set('auth.registration', false);
  return complete;
}

/** The settings as a frozen object of the schema's shape. */
export function toObject(settings: CompleteSettings, naming: Naming, tree: KeyTree = KEY_TREE): object {
  const entries: [string, unknown][] = [];
  for (const [name, node] of tree) {
    if (!isKey(node)) {
      entries.push([naming(name), toObject(settings, naming, node)]);
      continue;
    }
    const value = settings.get(node.name);
    if (value !== undefined) entries.push([naming(name), deepFreeze(structuredClone(value))]);
  }
  return Object.freeze(Object.fromEntries(entries));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

/** Names of the keys whose values differ, in the order of the schema. */
export function changedKeys(before: CompleteSettings, after: CompleteSettings): string[] {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return CONFIG_KEYS.map((key) => key.name).filter((name) => !same(before.get(name), after.get(name)));
}
