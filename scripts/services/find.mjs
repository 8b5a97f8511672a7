/** Finding the servers that tests can use, and starting those that are only installed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../run-process.mjs';
import { mariadb } from './mariadb.mjs';
import { nats } from './nats.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';
import { startServer } from './start.mjs';

export const SERVICES = [nats, redis, postgres, mariadb];

/** Servers that `npm run services` started and left running: name → `{ url, pid, folder, stopSignal }`. */
const LEFT_RUNNING = join(ROOT, 'node_modules/.cache/hubbub-services.json');

export function readLeftRunning() {
  return existsSync(LEFT_RUNNING) ? JSON.parse(readFileSync(LEFT_RUNNING, 'utf8')) : {};
}

export function writeLeftRunning(servers) {
  mkdirSync(dirname(LEFT_RUNNING), { recursive: true });
  writeFileSync(LEFT_RUNNING, JSON.stringify(servers, null, 2));
}

/**
 * Looks for a server that runs: the environment variable, one left running, the standard port.
 * @returns `{ url, how }`, or `{ reasons }` that say why each place had none
 */
export async function lookUp(service, env = process.env) {
  const given = env[service.variable];
  if (given) {
    // Whoever names a server means that one: falling back to another would test the wrong thing.
    const reason = await service.probe(given);
    return reason === null
      ? { url: given, how: service.variable }
      : { reasons: [`${service.variable}: ${reason}`], final: true };
  }
  const places = [
    [readLeftRunning()[service.name]?.url, 'started by npm run services'],
    [service.standardUrl, 'standard port'],
  ];
  const reasons = [];
  for (const [url, how] of places) {
    if (url === undefined) continue;
    const reason = await service.probe(url);
    if (reason === null) return { url, how };
    reasons.push(`${how}: ${reason}`);
  }
  return { reasons };
}

/**
 * As `lookUp`, and starts the program where it is installed.
 * @returns `{ url, how, server? }`; `server` is what was started, for `stopServer`
 */
export async function lookUpOrStart(service) {
  const found = await lookUp(service);
  if (found.url !== undefined || found.final) return found;
  try {
    const server = await startServer(service);
    if (server === null) return { reasons: [...found.reasons, `program: ${service.program} is not installed`] };
    return { url: server.url, how: 'started in a temporary folder', server };
  } catch (error) {
    return { reasons: [...found.reasons, `program: ${error.message}`] };
  }
}

/** The services that a test names by their variable; no other has to be started for a test run. */
export function servicesOfTests() {
  const tests = ['apps', 'libs', 'bench'].flatMap((folder) =>
    existsSync(join(ROOT, folder))
      ? readdirSync(join(ROOT, folder), { recursive: true })
          .filter((file) => /spec\.ts$|\/testing\/.*\.ts$/.test(file))
          .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
      : [],
  );
  return SERVICES.filter((service) => tests.some((text) => text.includes(service.variable)));
}
