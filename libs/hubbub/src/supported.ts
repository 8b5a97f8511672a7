import { ConfigError, type HubbubConfig } from '@hubbub/config';

/** What the configuration can say and this version cannot do yet. @throws ConfigError naming all of it, instead of ignoring any */
export function requireSupported({ database, bus, server }: HubbubConfig): void {
  const faults = [
    { key: 'database.type', given: database.type, only: 'sqlite' },
    { key: 'bus.type', given: bus.type, only: 'memory' },
    { key: 'server.workers', given: server.workers, only: 1 },
  ].filter(({ given, only }) => given !== only);
  if (faults.length === 0) return;
  throw new ConfigError(faults.map(({ key, only }) => ({ key, message: `only ${only} is built into this version` })));
}
