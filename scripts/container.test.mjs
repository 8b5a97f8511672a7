/** The Dockerfile and docker-compose.yml where no engine is at hand: that they parse, and that what they name is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from './run-process.mjs';
import { SERVICES } from './services/find.mjs';

const compose = parse(readFileSync(`${ROOT}/docker-compose.yml`, 'utf8'));
const dockerfile = readFileSync(`${ROOT}/Dockerfile`, 'utf8').replaceAll(/\\\n/g, ' ').split('\n');
const last = (instruction) =>
  dockerfile.findLast((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);

test('the image runs what was built, as a user who is not root, and keeps its data in a volume', () => {
  const [program, ...args] = JSON.parse(last('CMD'));
  assert.equal(program, 'node');
  assert.ok(existsSync(`${ROOT}/${args.at(-1)}`), `${args.at(-1)} is built`);
  assert.equal(last('USER'), 'node');
  assert.equal(last('VOLUME'), compose.services.gateway.volumes[0].split(':')[1]);
});

test('what the build leaves out is not needed by it', () => {
  const ignored = readFileSync(`${ROOT}/.dockerignore`, 'utf8').split('\n').filter(Boolean);
  const needed = [
    'apps',
    'libs',
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'nest-cli.json',
    '.swcrc',
  ];
  assert.deepEqual(
    needed.filter((name) => ignored.includes(name) || !existsSync(`${ROOT}/${name}`)),
    [],
  );
});

test('docker compose up starts the gateway alone', () => {
  const withoutProfile = Object.keys(compose.services).filter((name) => compose.services[name].profiles === undefined);
  assert.deepEqual(withoutProfile, ['gateway']);
});

for (const { name, standardUrl } of SERVICES) {
  test(`npm run services finds the ${name} of docker compose where it looks, and nobody else does`, () => {
    const { ports, profiles, healthcheck } = compose.services[name];
    const { hostname, port } = new URL(standardUrl);
    assert.deepEqual([ports, profiles], [[`${hostname}:${port}:${port}`], ['services']]);
    assert.ok(healthcheck, 'docker compose up --wait needs one');
  });
}
