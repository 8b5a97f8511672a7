import cluster from 'node:cluster';
import { ConfigError, type HubbubConfig } from '@hubbub/config';
import { missingDrivers } from './drivers.js';

/**
 * Names all that is configured and cannot be had here, before anything starts: packages that are not installed, and workers
 * where nobody forks any.
 * @throws ConfigError
 */
export function requireSupported(config: HubbubConfig): void {
  const faults = missingDrivers(config);
  if (config.server.workers !== 1 && !cluster.isWorker) {
    faults.push({ key: 'server.workers', message: 'more than 1 needs a program that calls runWorkers' });
  }
  if (faults.length > 0) throw new ConfigError(faults);
}
