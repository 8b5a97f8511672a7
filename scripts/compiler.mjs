/**
 * Finding the C compiler for the load generator of bench/. `node scripts/compiler.mjs` prints which it is, and as root on Debian
 * installs one where there is none.
 */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { installPackages } from './debian.mjs';

const NAMES = ['cc', 'gcc', 'clang'];

/** @returns its name; undefined if there is none */
export function findCompiler() {
  return NAMES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (findCompiler() === undefined) await installPackages('gcc', 'libc6-dev');
  console.log(findCompiler() ?? 'no C compiler: install cc, gcc or clang');
  process.exitCode = findCompiler() === undefined ? 1 : 0;
}
