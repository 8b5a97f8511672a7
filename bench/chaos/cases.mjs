import { setTimeout as sleep } from 'node:timers/promises';
import { raceKeys } from './key-race.mjs';
import { raceSeats } from './seat-race.mjs';

/**
 * What is done to a cluster while people talk. `start`: how its gateways are started; `fault`: what happens, in the middle of
 * `seconds` of talk. Where `run` is there, it is the whole case.
 */
export const CASES = {
  calm: { title: 'nothing happens', bus: 'nats' },

  kill: {
    title: 'kill -9 of a node, and its return',
    bus: 'nats',
    async fault({ nodes }, part) {
      await nodes[0].kill();
      await sleep(part);
      await nodes[0].start();
    },
  },
  freeze: {
    title: 'a node stopped for 8 s',
    bus: 'nats',
    async fault({ nodes }) {
      nodes.at(-1).freeze();
      await sleep(8000);
      nodes.at(-1).thaw();
    },
  },
  rolling: {
    title: 'all nodes restarted, one by one',
    bus: 'nats',
    async fault({ nodes, faults }) {
      for (const node of nodes) {
        const code = await node.stop();
        if (code !== 0) faults.push(`${node.name} ended with ${code}`);
        await node.start();
      }
    },
  },

  ...brokerCases('nats', 'NATS'),
  ...brokerCases('redis', 'Redis'),

  'postgres-restart': {
    title: 'Postgres restarted',
    bus: 'nats',
    async fault({ servers }) {
      await servers.end('postgres');
      await servers.restart('postgres');
    },
  },
  'postgres-freeze': {
    title: 'Postgres stopped for 5 s',
    bus: 'nats',
    async fault({ servers }) {
      servers.freeze('postgres');
      await sleep(5000);
      servers.thaw('postgres');
    },
  },

  clocks: {
    title: 'clocks a minute apart',
    bus: 'nats',
    imports: (n) => [new URL(`./shift-clock.mjs?${(n - 1) * 60_000}`, import.meta.url).href],
  },

  keys: { title: 'the same keys at two nodes at once', bus: 'nats', run: raceKeys },
  seats: { title: '200 people for 50 seats, 20 times', bus: 'nats', run: raceSeats },
};

function brokerCases(bus, name) {
  return {
    [`${bus}-stop`]: {
      title: `${name} away for 5 s`,
      bus,
      async fault({ servers }) {
        await servers.end(bus);
        await sleep(5000);
        await servers.restart(bus);
      },
    },
    [`${bus}-freeze`]: {
      title: `${name} stopped for 5 s`,
      bus,
      async fault({ servers }) {
        servers.freeze(bus);
        await sleep(5000);
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
