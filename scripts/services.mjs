/**
 * `npm run services`: finds or starts NATS, Redis, PostgreSQL and MariaDB for tests and development, and prints where they are.
 * What it started goes on running for `npm test` and `npm run dev`, until `npm run services -- --stop`.
 *
 * For each, the first that works: its environment variable (TEST_NATS_URL, …), the standard port, the program of this machine
 * on a free port in a temporary folder, the Debian package (as root), docker compose. `--for-tests` leaves out those that no test names.
 */

import { lookUpOrStart, readLeftRunning, SERVICES, servicesOfTests, writeLeftRunning } from './services/find.mjs';
import { install } from './services/install.mjs';
import { stopServer } from './services/start.mjs';

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = names.filter((name) => !SERVICES.some((service) => service.name === name));
if (unknown.length > 0) {
  console.error(`usage: npm run services [-- --stop] [${SERVICES.map(({ name }) => name).join('] [')}]`);
  process.exit(2);
}
const candidates = options.includes('--for-tests') ? servicesOfTests() : SERVICES;
const chosen = candidates.filter(({ name }) => names.length === 0 || names.includes(name));
await (options.includes('--stop') ? stop() : provide());

async function provide() {
  let missing = 0;
  // One after the other: two installations at once would wait for each other's lock.
  for (const service of chosen) {
    let found = await lookUpOrStart(service);
    if (found.url === undefined && !found.final) found = await install(service, found.reasons);
    if (found.server !== undefined) writeLeftRunning({ ...readLeftRunning(), [service.name]: found.server });
    if (found.url === undefined) missing++;
    console.log(`${service.name.padEnd(9)} ${found.url === undefined ? 'not found' : `${found.url}  (${found.how})`}`);
    for (const reason of found.url === undefined ? found.reasons : []) console.log(`${' '.repeat(10)}${reason}`);
  }
  process.exitCode = missing === 0 ? 0 : 1;
}

async function stop() {
  const running = readLeftRunning();
  for (const { name } of chosen) {
    if (running[name] === undefined) continue;
    await stopServer(running[name]);
    delete running[name];
    console.log(`${name} stopped`);
  }
  writeLeftRunning(running);
}
