import { setTimeout as sleep } from 'node:timers/promises';
import { lockCrosswise } from './deadlock.mjs';
import { raceKeys } from './key-race.mjs';
import { raceSeats } from './seat-race.mjs';

/**
 * What is done to a cluster while people talk: `fault`, a quarter of the time after they began. Where `run` is there, it is the whole
 * case. `bus`, `database`, `program`, `imports`: how its gateways are started. `patienceMs`: how long people wait for a node that is
 * silent. `times` of the world: for how long what goes is away.
 */
export const CASES = {
  calm: { title: 'nothing happens', bus: 'nats' },

  kill: {
    title: 'a node killed, and started again',
    bus: 'nats',
    async fault({ nodes, times }) {
      await nodes[0].kill();
      await sleep(times.away);
      await nodes[0].start();
    },
  },
  freeze: { title: 'a node stopped, and woken', bus: 'nats', fault: freezeNode },
  'freeze-wait': { title: 'the same, and its people wait for it', bus: 'nats', patienceMs: 60_000, fault: freezeNode },
  rolling: {
    title: 'all nodes restarted, one by one',
    bus: 'nats',
    async fault({ nodes, faults }) {
      for (const node of nodes) {
        const code = await node.stop();
        if (code !== 0) faults.push(`${node.name} ended with ${code}: ${node.lastWords()}`);
        await node.start();
      }
    },
  },

  ...brokerCases('nats', 'NATS'),
  ...brokerCases('redis', 'Redis'),

  ...databaseCases('postgres', 'Postgres'),
  ...databaseCases('mariadb', 'MariaDB'),
  deadlock: { title: 'transactions that deadlock', bus: 'nats', database: 'postgres', fault: lockCrosswise },

  clocks: {
    title: 'clocks a minute apart',
    bus: 'nats',
    imports: (n) => [new URL(`./shift-clock.mjs?${(n - 1) * 60_000}`, import.meta.url).href],
  },

  keys: { title: 'the same keys at two nodes at once', bus: 'nats', run: raceKeys },
  seats: { title: '200 people for 50 seats, 20 times', bus: 'nats', run: raceSeats },
};

async function freezeNode({ nodes, times }) {
  nodes.at(-1).freeze();
  await sleep(times.frozen);
  nodes.at(-1).thaw();
}

function databaseCases(database, name) {
  return {
    [`${database}-restart`]: {
      title: `${name} restarted`,
      bus: 'nats',
      database,
      async fault({ servers }) {
        await servers.end(database);
        await servers.restart(database);
      },
    },
    [`${database}-freeze`]: {
      title: `${name} stopped, and woken`,
      bus: 'nats',
      database,
      async fault({ servers, times }) {
        servers.freeze(database);
        await sleep(times.away);
        servers.thaw(database);
      },
    },
  };
}

function brokerCases(bus, name) {
  return {
    [`${bus}-stop`]: {
      title: `${name} ended, and started again`,
      bus,
      async fault({ servers, times }) {
        await servers.end(bus);
        await sleep(times.away);
        await servers.restart(bus);
      },
    },
    [`${bus}-freeze`]: {
      title: `${name} stopped, and woken`,
      bus,
      async fault({ servers, times }) {
        servers.freeze(bus);
        await sleep(times.away);
        servers.thaw(bus);
      },
    },
    [`${bus}-faulty`]: {
      title: `${name} loses 20 %, doubles 10 %, delays`,
      bus,
      program: 'dist/bench/chaos/faulty-gateway.js',
    },
  };
}
