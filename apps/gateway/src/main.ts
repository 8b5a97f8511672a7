import { ConfigError, closeOnSignals, createHubbub, watchConfig } from '@hubbub/hubbub';
import { Logger } from '@nestjs/common';
import { addresses } from './addresses.js';
import { AppModule } from './app.module.js';
import { fail, readArguments, readConfig } from './command-line.js';

const values = readArguments(
  ['config'],
  'npm start [-- --config FILE]   (default: config/hubbub.yaml, which may be absent)',
);
const config = readConfig(values.config);
const logger = new Logger('Gateway');

// A floating promise in an application's own gateway is its bug, not a reason to drop everybody's connection.
process.on('unhandledRejection', (reason) => logger.error({ msg: 'unhandled rejection', err: reason }));

// Async, so that what the module refuses is a rejection like the rest.
const starting = (async () => createHubbub(AppModule.forRoot(config), config))();
closeOnSignals(starting);
const app = await starting.catch((error: unknown) => {
  if (error instanceof ConfigError) fail(error.message);
  throw error;
});
for (const warning of config.warnings) logger.warn(warning);
watchConfig(config, { file: values.config, env: process.env });

try {
  await app.listen(config.server.port, config.server.host);
} catch (error) {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen') throw error;
  fail(
    `cannot listen on ${config.server.host}:${config.server.port}: ${code === 'EADDRINUSE' ? 'the port is in use' : code}`,
  );
}
const { port } = app.getHttpServer().address() as { port: number };
const found = addresses(config.server.host, port, config.server.wsPath);
// Not by the logger: whoever starts a gateway waits for this, at any log level.
if (process.stdout.isTTY || config.log.format === 'pretty') {
  for (const [what, url] of Object.entries(found)) console.log(`  ${what.padEnd(9)}${url}`);
} else {
  console.log(JSON.stringify({ level: 'info', time: Date.now(), context: 'Gateway', msg: 'listening', ...found }));
}
