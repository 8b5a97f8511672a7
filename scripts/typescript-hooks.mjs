/**
 * Module hooks that let plain Node run our TypeScript, so that a test can start a process of its own, or a thread, on the real
 * library without a build: aliases of tsconfig.json, `.js` for `.ts`, and swc for the types and decorators.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

const root = new URL('../', import.meta.url);
const { paths } = JSON.parse(readFileSync(new URL('tsconfig.json', root), 'utf8')).compilerOptions;
const swc = JSON.parse(readFileSync(new URL('.swcrc', root), 'utf8'));

export function resolve(specifier, context, next) {
  const [aliased] = paths[specifier] ?? [];
  if (aliased !== undefined) return next(new URL(aliased, root).href, context);
  if (isOurs(specifier, context)) {
    const file = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(file)) return next(pathToFileURL(fileURLToPath(file)).href, context);
  }
  return next(specifier, context);
}

/** Of a file of ours, or the program of a thread. */
function isOurs(specifier, { parentURL }) {
  if (!specifier.endsWith('.js')) return false;
  return specifier.startsWith('file:') || (specifier.startsWith('.') && parentURL?.endsWith('.ts'));
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const options = { jsc: swc.jsc, module: { type: 'es6' }, sourceMaps: 'inline', swcrc: false };
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...options, filename });
  return { format: 'module', source: code, shortCircuit: true };
}
