/**
 * `npm test`: Jest, with the servers that its tests ask for: those found running, or installed ones started for this run. Nothing is
 * installed. A test whose server cannot be had says so and is skipped. Arguments go to Jest.
 */
import { runNode } from './run-process.mjs';
import { lookUpOrStart, servicesOfTests } from './services/find.mjs';
import { stopServer } from './services/start.mjs';

const env = { ...process.env };
const started = [];
await Promise.all(
  servicesOfTests().map(async (service) => {
    const { url, how, server, reasons } = await lookUpOrStart(service);
    if (server !== undefined) started.push(server);
    if (url !== undefined) env[service.variable] = url;
    console.log(
      `${service.name.padEnd(9)} ${url === undefined ? `not found: ${reasons.join('; ')}` : `${url}  (${how})`}`,
    );
  }),
);
try {
  // Threads that the tested code starts are loaded by Node itself, not by Jest.
  const typescript = new URL('run-typescript.mjs', import.meta.url).href;
  const { code } = await runNode(['--import', typescript, 'node_modules/jest/bin/jest.js', ...process.argv.slice(2)], {
    env,
  });
  process.exitCode = code;
} finally {
  await Promise.all(started.map(stopServer));
}
