import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ConfigError, type HubbubConfig } from '@hubbub/config';
import { PinoLogger } from '@hubbub/observability';
import { Logger } from '@nestjs/common';
import { Crew } from './crew.js';

/** Ctrl-C reaches a process twice where npm passes it on as well; later than this it is a person who will not wait. */
const ECHO_MS = 1000;
/** A name of 64 characters, less what workers append to it: `-256`. */
const MAX_NODE_ID = 60;

export interface RunWorkersOptions {
  /** Told once, when there is somebody to connect to. */
  onListening(this: void, port: number): void;
}

/**
 * Runs `server.workers` processes of this very program on one port. Each is a node; this process, their primary, only watches
 * them: it deals out connections in turn, carries what they tell each other unless the bus is a broker, replaces those that
 * die, passes on SIGHUP, and on SIGTERM or SIGINT has all of them drain, and exits with 0.
 *
 *     if (config.server.workers > 1 && cluster.isPrimary) runWorkers(config, { onListening });
 *     else await (await createHubbub(AppModule, config)).listen(config.server.port, config.server.host);
 *
 * @throws ConfigError if the name of the node leaves no room for the numbers of workers
 */
export function runWorkers(config: HubbubConfig, { onListening }: RunWorkersOptions): void {
  Logger.overrideLogger(new PinoLogger(config));
  const logger = new Logger('Shutdown');
  const crew = new Crew({
    workers: config.server.workers,
    nodeId: nodeName(config),
    drainTimeoutMs: config.drain.timeoutMs,
    onListening,
    onEnd: (failed) => {
      if (!failed) logger.log({ msg: 'all workers have ended' });
      process.exit(failed ? 1 : 0);
    },
  });
  let endingSince: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (endingSince !== undefined && performance.now() - endingSince > ECHO_MS) {
        crew.signal('SIGKILL');
        process.exit(1);
      }
      endingSince ??= performance.now();
      crew.end(signal);
    });
  }
  process.on('SIGHUP', () => crew.signal('SIGHUP'));
  crew.start();
}

function nodeName({ cluster }: HubbubConfig): string {
  const name =
    cluster.nodeId ??
    `${hostname()
      .replace(/[^\w-]/g, '-')
      .slice(0, 40)}-${randomBytes(3).toString('hex')}`;
  if (name.length <= MAX_NODE_ID) return name;
  throw new ConfigError([
    { key: 'cluster.node_id', message: `at most ${MAX_NODE_ID} characters, as workers append their number` },
  ]);
}
