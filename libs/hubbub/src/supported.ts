import cluster from 'node:cluster';
import { ConfigError, type HubbubConfig } from '@hubbub/config';

/**
 * That workers are asked for where nobody forks any is not to be ignored.
 * @throws ConfigError
 */
export function requireSupported({ server }: HubbubConfig): void {
  if (server.workers === 1 || cluster.isWorker) return;
  throw new ConfigError([{ key: 'server.workers', message: 'more than 1 needs a program that calls runWorkers' }]);
}
