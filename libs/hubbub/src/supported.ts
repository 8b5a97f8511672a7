import cluster from 'node:cluster';
import { ConfigError, type HubbubConfig } from '@hubbub/config';

/**
 * What the configuration asks for and this process cannot do.
 * @throws ConfigError naming all of it, instead of ignoring any
 */
export function requireSupported({ server }: HubbubConfig): void {
  if (server.workers === 1 || cluster.isWorker) return;
  throw new ConfigError([{ key: 'server.workers', message: 'more than 1 needs a program that calls runWorkers' }]);
}
