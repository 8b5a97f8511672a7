import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { ConfigError, type ConfigFault } from './config-error.js';
import { snakeNames } from './config-key.js';
import { type Environment, readEnvironment } from './environment.js';
import { type ConfigSource, HubbubConfig } from './hubbub-config.js';
import { resolveSettings } from './rules.js';
import { readSettings, type Settings } from './settings.js';

/** Where the configuration lies unless another file is named. */
const DEFAULT_FILE = 'config/hubbub.yaml';

export interface LoadOptions {
  /**
   * A YAML file, relative to `cwd`. One that is named must exist.
   * @default config/hubbub.yaml, which may be absent
   */
  readonly file?: string | undefined;
  /** Usually `process.env`. Goes before the file. */
  readonly env: Environment;
  /** @default the folder of the process */
  readonly cwd?: string | undefined;
}

/** The file that `loadConfig` reads with these options. */
export function configFile({ file, cwd }: Pick<LoadOptions, 'file' | 'cwd'>): string {
  return resolve(cwd ?? '.', file ?? DEFAULT_FILE);
}

/**
 * Reads defaults, file and environment, each going before the one named earlier.
 * @throws ConfigError naming every fault at once, never a value
 */
export function loadConfig(options: LoadOptions): HubbubConfig {
  const path = configFile(options);
  const source = options.file ?? DEFAULT_FILE;
  const faults: ConfigFault[] = [];
  const text = readConfigFile(path, options, source);
  const fromFile = readSettings(parseYaml(text ?? '', source, faults), snakeNames, faults, source);
  const { settings: fromEnv, unknown } = readEnvironment(options.env, faults);
  const variables = new Map(
    [...fromEnv.keys()].map((key) => [key, `HUBBUB_${key.replaceAll('.', '_').toUpperCase()}`]),
  );
  const settings = resolveSettings(
    new Map([...fromFile, ...fromEnv]),
    faults,
    (key) => variables.get(key) ?? (fromFile.has(key) ? source : undefined),
  );
  return new HubbubConfig(
    settings,
    unknown.map((name) => `${name} sets no known configuration key`),
    { file: text === null ? null : path, sources: sourcesOf(fromFile, fromEnv) },
  );
}

function sourcesOf(fromFile: Settings, fromEnv: Settings): Map<string, ConfigSource> {
  const sources = new Map<string, ConfigSource>();
  for (const key of fromFile.keys()) sources.set(key, 'file');
  for (const key of fromEnv.keys()) sources.set(key, 'environment');
  return sources;
}

/** @returns null if there is none, and none was named */
function readConfigFile(path: string, options: LoadOptions, source: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && options.file === undefined) return null;
    throw new ConfigError([{ key: source, message: `cannot be read: ${code}` }]);
  }
}

function parseYaml(text: string, source: string, faults: ConfigFault[]): unknown {
  const document = parseDocument(text, { prettyErrors: true, stringKeys: true });
  for (const { linePos, code } of document.errors) {
    // Not the parser's sentence: it quotes the text, which may hold a secret.
    const [at] = linePos ?? [];
    faults.push({
      key: source,
      message: `is not YAML${at === undefined ? '' : ` at line ${at.line}, column ${at.col}`}: ${code}`,
    });
  }
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS();
  } catch {
    faults.push({ key: source, message: 'is not YAML: an alias leads nowhere or to too much' });
    return undefined;
  }
}
