import { HubbubConfig, type PartialConfig } from '@hubbub/config';
import { missingDrivers } from './drivers.js';

const AUTH = { secret: 'Kx7pQ2mZ9vT4bN6cR1wY8sD3fG5hJ0aL' };
const failing = (code: string) => (name: string) => {
  throw Object.assign(new Error(`no ${name}`), { code });
};

describe('a package that is configured', () => {
  const cases: [PartialConfig, string[]][] = [
    [{}, ['database.type: sqlite needs the package better-sqlite3: npm install better-sqlite3']],
    [
      {
        database: { type: 'postgres', url: 'postgres://localhost/none' },
        bus: { type: 'nats', url: 'nats://localhost', jetstream: true },
        cache: { type: 'redis', url: 'redis://localhost' },
        auth: AUTH,
      },
      [
        'database.type: postgres needs the package pg: npm install pg',
        'bus.type: nats needs the package @nats-io/transport-node: npm install @nats-io/transport-node',
        'bus.jetstream: true needs the package @nats-io/jetstream: npm install @nats-io/jetstream',
        'cache.type: redis needs the package ioredis: npm install ioredis',
      ],
    ],
    [
      {
        database: { type: 'mariadb', url: 'mariadb://localhost/none' },
        bus: { type: 'redis', url: 'redis://localhost' },
        auth: AUTH,
      },
      [
        'database.type: mariadb needs the package mysql2: npm install mysql2',
        'bus.type: redis needs the package ioredis: npm install ioredis',
      ],
    ],
  ];

  it.each(cases)('is named where it is not installed: %j', (partial, named) => {
    const config = HubbubConfig.from(partial);
    const missing = missingDrivers(config, failing('MODULE_NOT_FOUND'));
    expect(missing.map(({ key, message }) => `${key}: ${message}`)).toEqual(named);
  });

  it('is enough where it is installed, also when it cannot be required', () => {
    for (const [partial] of cases) {
      expect(missingDrivers(HubbubConfig.from(partial))).toEqual([]);
      expect(missingDrivers(HubbubConfig.from(partial), failing('ERR_PACKAGE_PATH_NOT_EXPORTED'))).toEqual([]);
    }
  });
});
