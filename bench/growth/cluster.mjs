/** A cluster of one's own: gateways as processes, one Postgres, one NATS. All listen on one port, each at an address of its own, as the load generator wants them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.mjs';
import { stopServer } from '../../scripts/services/start.mjs';
import { startDurable } from '../own-servers.mjs';
import { startNode } from '../peers/start-node.mjs';
import { closing, goOn } from './closing.mjs';

const MANY = '1000000';

/** @param work is given `address` of the first gateway, `pids` by name (`node-0` …, `database`, `bus`) and the `database`'s url */
export async function onCluster(count, work, more = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hubbub-growth-'));
  // Also those that are on their way.
  /** @type {Promise<any>[]} */
  const servers = [];
  /** @type {Promise<any>[]} */
  const starting = [];
  const stop = closing(async () => {
    for (const node of starting) await (await node.catch(() => null))?.stop();
    for (const server of servers) await server.then(stopServer, () => {});
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    for (const name of ['postgres', 'nats']) servers.push(startDurable(name));
    const [database, bus] = await Promise.all(servers);
    const env = {
      HUBBUB_SERVER_PORT: String(await freePort()),
      HUBBUB_DATA_DIR: folder,
      HUBBUB_AUTH_SECRET: randomBytes(48).toString('hex'),
      HUBBUB_AUTH_ANONYMOUS_ENABLED: 'true',
      HUBBUB_AUTH_ANONYMOUS_PERMISSIONS: 'read:message,join:room,leave:room,send:message',
      HUBBUB_DATABASE_TYPE: 'postgres',
      HUBBUB_DATABASE_URL: database.url,
      HUBBUB_BUS_TYPE: 'nats',
      HUBBUB_BUS_URL: bus.url,
      HUBBUB_LOG_LEVEL: 'info',
      HUBBUB_SERVER_MAX_CONNECTIONS_PER_IP: MANY,
      HUBBUB_LIMITS_COMMANDS_PER_S: MANY,
      HUBBUB_LIMITS_COMMANDS_BURST: MANY,
      ...more,
    };
    const start = (n) => {
      goOn();
      const own = { HUBBUB_SERVER_HOST: `127.0.0.${n + 1}`, HUBBUB_CLUSTER_NODE_ID: `node-${n}` };
      const options = { env: { ...env, ...own }, cwd: folder, cores: null };
      return startNode('dist/apps/gateway/src/main.js', options);
    };
    for (let n = 0; n < count; n++) {
      starting.push(start(n));
      // The first one makes the tables.
      if (n === 0) await starting[0];
    }
    const nodes = await Promise.all(starting);
    const named = nodes.map(({ pids }, n) => [`node-${n}`, pids[0]]);
    const pids = { ...Object.fromEntries(named), database: database.pid, bus: bus.pid };
    return await work({ address: nodes[0].address, pids, database: database.url });
  } finally {
    await stop();
  }
}
