import { type INestApplication, Logger } from '@nestjs/common';

/** Ctrl-C reaches a process twice where npm passes it on as well; later than this it is a person who will not wait. */
const ECHO_MS = 1000;

/**
 * Drains and closes `app` on SIGTERM and SIGINT, then ends the process with 0; with 1 if closing failed, or at once when a
 * second signal comes. Instead of Nest's `enableShutdownHooks`, after which the process dies by the signal: an orchestrator
 * would count an orderly shutdown as a crash.
 * @param app or the promise of it: a signal that comes during the start is obeyed after it
 */
export function closeOnSignals(app: INestApplication | Promise<INestApplication>): void {
  const logger = new Logger('Shutdown');
  let closingSince: number | undefined;
  const close = async (signal: NodeJS.Signals) => {
    if (closingSince !== undefined) {
      if (performance.now() - closingSince > ECHO_MS) process.exit(1);
      return;
    }
    closingSince = performance.now();
    logger.log({ msg: 'draining', signal });
    try {
      await (await app).close();
      logger.log({ msg: 'drained' });
      process.exit(0);
    } catch (error) {
      logger.error({ msg: 'shutdown failed', err: error });
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, (received) => void close(received));
}
