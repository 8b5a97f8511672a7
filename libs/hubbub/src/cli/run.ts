import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gatewayFiles, gatewayNames } from './gateway-files.js';
import { FilesExist, writeFiles } from './write-files.js';

/** Where a command runs and what it says. */
export interface Terminal {
  readonly folder: string;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

const USAGE = `usage: hubbub new gateway <name> [--path <folder>] [--dry-run]

  Writes a gateway, the schema of its message and a spec that passes into <folder>/<name>/.

  --path     where the sources are (default: sourceRoot of nest-cli.json, or else src)
  --dry-run  only says what it would write`;

/**
 * The command line of Hubbub.
 * @param args what stands after the name of the program
 * @returns the exit code: 1 when it could not be done, 2 when it was not understood
 */
export function run(args: readonly string[], terminal: Terminal): number {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return misunderstood((error as Error).message, terminal);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    terminal.out(USAGE);
    return 0;
  }
  const [command, what, name, ...rest] = positionals;
  if (command !== 'new' || what !== 'gateway') return misunderstood(`no command ${positionals.join(' ')}`, terminal);
  if (name === undefined || rest.length > 0) return misunderstood('one name is needed', terminal);
  try {
    newGateway(name, values, terminal);
    return 0;
  } catch (error) {
    terminal.error((error as Error).message);
    return 1;
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { path: { type: 'string' }, 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
}

function misunderstood(why: string, { error }: Terminal): number {
  error(`${why}\n\n${USAGE}`);
  return 2;
}

function newGateway(
  name: string,
  { path, 'dry-run': isDryRun = false }: { path?: string; 'dry-run'?: boolean },
  { folder, out }: Terminal,
): void {
  const names = gatewayNames(name);
  const sources = resolve(folder, path ?? sourceRoot(folder));
  const target = join(sources, name);
  const files = gatewayFiles(names);
  const shown = (file: string) => relative(folder, join(target, file)) || file;
  try {
    if (!existsSync(sources)) throw new Error(`There is no folder ${relative(folder, sources)}. Name one by --path.`);
    writeFiles(target, files, isDryRun);
  } catch (error) {
    if (!(error instanceof FilesExist)) throw error;
    throw new Error(`Nothing was written, because there is already ${error.files.map(shown).join(', ')}.`, {
      cause: error,
    });
  }
  for (const { file } of files) out(`${isDryRun ? 'would write' : 'wrote'} ${shown(file)}`);
  out(`
Add the class to a module that imports HubbubModule:

    import { ${names.pascal}Gateway } from './${name}/${name}.gateway.js';

    providers: [${names.pascal}Gateway],

Who may use it has the permission ${names.permission}, by his token or a role of auth.roles.`);
}

/** Where Nest's own generator writes: in a monorepo the application that is its default. */
function sourceRoot(folder: string): string {
  const file = join(folder, 'nest-cli.json');
  if (!existsSync(file)) return 'src';
  try {
    const { sourceRoot: root = 'src' } = JSON.parse(readFileSync(file, 'utf8')) as { sourceRoot?: string };
    return root;
  } catch (error) {
    throw new Error(`nest-cli.json cannot be read: ${(error as Error).message}. Name a folder by --path.`, {
      cause: error,
    });
  }
}
