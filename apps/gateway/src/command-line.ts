import { parseArgs } from 'node:util';
import { ConfigError, type HubbubConfig, loadConfig } from '@hubbub/config';

/** Ends the process with a word for the person who started it; a stack would not help him. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Reads the configuration that the command line and the environment name; ends the process, naming every fault, if it is not valid. */
export function readConfig(file: string | undefined): HubbubConfig {
  try {
    return loadConfig({ file, env: process.env });
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message);
    throw error;
  }
}

/** The options of the command line, all of them texts; ends the process with `usage` for what it does not know. */
export function readArguments<const Name extends string>(
  names: readonly Name[],
  usage: string,
): Partial<Record<Name, string>> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ options }).values as Partial<Record<Name, string>>;
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
}
