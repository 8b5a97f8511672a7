import { type INestApplication, Logger } from '@nestjs/common';

/**
 * Drains and closes `app` on SIGTERM and SIGINT, then ends the process with 0; with 1 if closing failed, or at once when a
 * second signal comes. Instead of Nest's `enableShutdownHooks`, after which the process dies by the signal: an orchestrator
 * would count an orderly shutdown as a crash.
 */
export function closeOnSignals(app: INestApplication): void {
  const logger = new Logger('Shutdown');
  let closing = false;
  const close = async (signal: NodeJS.Signals) => {
    if (closing) process.exit(1);
    closing = true;
    logger.log({ msg: 'draining', signal });
    try {
      await app.close();
      logger.log({ msg: 'drained' });
      process.exit(0);
    } catch (error) {
      logger.error({ msg: 'shutdown failed', err: error });
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, (received) => void close(received));
}
