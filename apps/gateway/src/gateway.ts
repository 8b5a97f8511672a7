import cluster from 'node:cluster';
import { ConfigError, closeOnSignals, createHubbub, type HubbubConfig, servePages, watchConfig } from '@hubbub/hubbub';
import { Logger } from '@nestjs/common';
import { AppModule } from './app.module.js';
import { fail } from './command-line.js';

/**
 * Starts the gateway in this process, and keeps its configuration as `file` says.
 * @returns the port it listens on
 */
export async function startGateway(config: HubbubConfig, file: string | undefined): Promise<number> {
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
  try {
    servePages(app);
  } catch (error) {
    // Without its pages a gateway is one all the same.
    logger.warn((error as Error).message);
  }
  // Of several workers, the first says it for all.
  if ((cluster.worker?.id ?? 1) === 1) for (const warning of config.warnings) logger.warn(warning);
  watchConfig(config, { file, env: process.env });

  try {
    await app.listen(config.server.port, config.server.host);
  } catch (error) {
    // What only the database tells: another node has the name of this one.
    if (error instanceof ConfigError) fail(error.message);
    const { code, syscall } = error as NodeJS.ErrnoException;
    // A worker's listening is its primary's binding.
    if (syscall !== 'listen' && syscall !== 'bind') throw error;
    const where = `${config.server.host}:${config.server.port}`;
    fail(`cannot listen on ${where}: ${code === 'EADDRINUSE' ? 'the port is in use' : code}`);
  }
  return (app.getHttpServer().address() as { port: number }).port;
}
