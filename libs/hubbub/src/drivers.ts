import { createRequire } from 'node:module';
import type { ConfigFault, HubbubConfig } from '@hubbub/config';

/** What an application installs for what it configures. */
const DATABASES = { sqlite: 'better-sqlite3', postgres: 'pg', mysql: 'mysql2', mariadb: 'mysql2' };
const BROKERS = { memory: [], redis: ['ioredis'], nats: ['@nats-io/transport-node'] };
const CACHES = { memory: [], redis: ['ioredis'] };

const require = createRequire(import.meta.url);

/**
 * The packages that are configured and not installed, each as a fault of its key.
 * @param find where a package is; throws where it is not
 */
export function missingDrivers(
  { database, bus, cache }: HubbubConfig,
  find: (name: string) => string = (name) => require.resolve(name),
): ConfigFault[] {
  const needed: [key: string, value: string, packages: readonly string[]][] = [
    ['database.type', database.type, [DATABASES[database.type]]],
    ['bus.type', bus.type, BROKERS[bus.type]],
    ['bus.jetstream', 'true', bus.jetstream ? ['@nats-io/jetstream'] : []],
    ['cache.type', cache.type, CACHES[cache.type]],
  ];
  return needed.flatMap(([key, value, packages]) =>
    packages
      .filter((name) => !isThere(name, find))
      .map((name) => ({ key, message: `${value} needs the package ${name}: npm install ${name}` })),
  );
}

function isThere(name: string, find: (name: string) => string): boolean {
  try {
    find(name);
    return true;
  } catch (error) {
    // Anything else is said of a package that is there, as that it cannot be required.
    return (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND';
  }
}
