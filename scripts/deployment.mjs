/** What the tests of `deploy/` and docker-compose.yml share. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { ROOT } from './run-process.mjs';

const { loadConfig } = await import(pathToFileURL(join(ROOT, 'dist/libs/config/src/index.js')));

export const read = (file) => readFileSync(join(ROOT, file), 'utf8');
export const readYaml = (file) => parse(read(file));
export const compose = readYaml('docker-compose.yml');

/** One that a gateway believes to be a secret. */
export const SECRET = '5bJ0uNqZ2c7Rk4yWm9TfXa1vHsLd8eGp';

/** The environment of a service of docker-compose.yml, with the values that `.env` would have. */
export function environmentOf(service, dotEnv = { HUBBUB_AUTH_SECRET: SECRET }) {
  const filled = (text) => text.replaceAll(/\$\{(\w+):-(\w*)\}/g, (_, name, fallback) => dotEnv[name] ?? fallback);
  return Object.fromEntries(
    Object.entries(compose.services[service].environment).map(([name, value]) => [name, filled(value)]),
  );
}

/** What a gateway with this environment is configured to. @throws what would stop it; AssertionError for a key that is none */
export function configOf(env) {
  // In a folder where no configuration file of the developer is read.
  const config = loadConfig({ env, cwd: tmpdir() });
  assert.deepEqual(config.warnings, []);
  return config;
}

/** `30s` of docker compose, in ms. */
export function milliseconds(duration) {
  const [, count, unit] = duration.match(/^(\d+)(ms|s|m)$/);
  return count * { ms: 1, s: 1000, m: 60_000 }[unit];
}
