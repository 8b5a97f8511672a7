import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { mariadb } from '../../scripts/services/mariadb.mjs';
import { nats } from '../../scripts/services/nats.mjs';
import { postgres } from '../../scripts/services/postgres.mjs';
import { redis } from '../../scripts/services/redis.mjs';
import { startServer, stopServer } from '../../scripts/services/start.mjs';

const SERVICES = { mariadb, nats, postgres, redis };

/** Servers of this run alone, on free ports, each started when a case first asks for it. */
export class Servers {
  #running = new Map();
  #databases = 0;

  /** @param names of `nats`, `redis`, `postgres`, `mariadb` @throws where one is not installed */
  async need(names) {
    for (const name of names) {
      if (this.#running.has(name)) continue;
      const server = await startServer(SERVICES[name]);
      if (server === null) throw new Error(`${SERVICES[name].program} is not installed`);
      this.#running.set(name, server);
    }
  }

  url(name) {
    return this.#running.get(name).url;
  }

  /** An empty database on a server that runs. @returns its URL */
  async newDatabase(server) {
    const name = `chaos_${++this.#databases}`;
    const url = this.url(server);
    const client = await openSql(server, url);
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return url.replace(/\/[^/]*$/, `/${name}`);
  }

  /** Stops a server as it is: it holds its connections and answers nothing. */
  freeze(name) {
    for (const pid of processesOf(this.#running.get(name).pid)) process.kill(pid, 'SIGSTOP');
  }

  thaw(name) {
    for (const pid of processesOf(this.#running.get(name).pid)) process.kill(pid, 'SIGCONT');
  }

  /** Ends a server, as an operator does, and waits until it has. */
  async end(name) {
    const server = this.#running.get(name);
    process.kill(server.pid, server.stopSignal);
    while ((await SERVICES[name].probe(server.url)) !== 'nothing listens there') await sleep(20);
    for (let waited = 0; isAlive(server.pid) && waited < 10_000; waited += 20) await sleep(20);
  }

  /** Starts it again, where it was. */
  async restart(name) {
    await this.#running.get(name).restart();
  }

  async stop() {
    const servers = [...this.#running.values()];
    this.#running.clear();
    for (const { pid } of servers.filter(({ pid }) => isAlive(pid)))
      for (const each of processesOf(pid)) process.kill(each, 'SIGCONT');
    await Promise.all(servers.map(stopServer));
  }
}

async function openSql(server, url) {
  if (server === 'mariadb') return mysql.createConnection(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** A process and its children: Postgres serves each connection by one of its own. */
function processesOf(pid) {
  const children = `/proc/${pid}/task/${pid}/children`;
  return [pid, ...(existsSync(children) ? readFileSync(children, 'utf8').split(' ').filter(Boolean).map(Number) : [])];
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
