import type { ConfigFault } from './config-error.js';
import { CONFIG_KEYS, type ConfigKey } from './config-key.js';
import type { Settings } from './settings.js';

/** The variables that a process was started with, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'HUBBUB_';

export interface EnvironmentReading {
  readonly settings: Settings;
  /** Names of `HUBBUB_*` variables that set nothing: a typing error, or another program's. */
  readonly unknown: readonly string[];
}

/** Reads `HUBBUB_*` variables. One that is empty counts as unset. */
export function readEnvironment(env: Environment, faults: ConfigFault[]): EnvironmentReading {
  const settings: Settings = new Map();
  for (const key of CONFIG_KEYS) {
    const text = env[key.variable]?.trim() ?? '';
    if (text === '') continue;
    const value = parse(key, text);
    if (value === undefined) faults.push({ key: key.name, message: `expected ${hint(key)}`, source: key.variable });
    else settings.set(key.name, value);
  }
  const variables = new Set(CONFIG_KEYS.map((key) => key.variable));
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !variables.has(name));
  return { settings, unknown: unknown.sort() };
}

/** The value that `text` stands for; undefined if it stands for none of the key's type. Bounds are checked later. */
function parse(key: ConfigKey, text: string): unknown {
  switch (key.kind) {
    case 'text':
      // A PEM text has line ends, which many ways to set a variable cannot write.
      return text.startsWith('-----BEGIN') ? text.replaceAll('\\n', '\n') : text;
    case 'integer':
      return /^-?\d{1,16}$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return { true: true, false: false, '1': true, '0': false }[text.toLowerCase()];
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'map':
      return parseMap(text);
  }
}

function parseMap(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function hint(key: ConfigKey): string {
  return key.kind === 'map' ? `${key.expected}, as JSON` : key.expected;
}
