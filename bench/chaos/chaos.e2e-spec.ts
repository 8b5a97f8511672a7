import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingBroker } from '@hubbub/bus/testing';
import { missingProgram } from '@hubbub/storage/testing';
import { startCluster } from '@hubbub/testing';
import { buildIfStale } from '../../scripts/build.mjs';
import { CASES, type Case } from './cases.mjs';
import { Servers } from './servers.mjs';
import { World } from './world.mjs';

/** The cases of `npm run chaos` with fewer people and shorter faults. Whoever has to wait for a process waits for seconds. */

const PATIENT = 300_000;
const SIZE = { nodes: 3, rooms: 9, people: 45, rate: 10 };
const PER_ROOM = SIZE.people / SIZE.rooms;
const FAULTS = { lose: 0.2, double: 0.1, delay: 0.3, maxDelayMs: 300 };
const TIMES = { away: 1500, frozen: 2500 };
const TALK_MS = 2500;
const ENV = { HUBBUB_CLUSTER_NODE_TIMEOUT_MS: '1500', HUBBUB_CLUSTER_REPAIR_MS: '500' };

const FAULTLESS = { lost: 0, repeated: 0, reordered: 0, faults: [] };

function caseOf(name: string): Case {
  const found = CASES[name];
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return found;
}

async function talk(world: World, fault?: Case['fault']): Promise<void> {
  const row = await world.endure(fault, TALK_MS);
  expect(row).toEqual({ ...row, ...FAULTLESS });
  expect(row.acknowledged).toBeGreaterThan(0);
  expect(row.delivered).toBe(row.acknowledged * PER_ROOM);
}

const titled = (names: readonly string[]) => names.map((name) => [caseOf(name).title, name] as const);

const missing = [missingProgram('postgres'), missingBroker('nats'), missingBroker('redis')].find(Boolean);
if (missing !== undefined && process.env['CI'] !== 'true') {
  // biome-ignore lint/suspicious/noSkippedTests: what cannot run here is to be seen
  it.skip(`three nodes lose, repeat and reorder nothing (${missing})`, () => {});
} else {
  describe('three nodes lose, repeat and reorder nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hubbub-chaos-'));
    const servers = new Servers();
    const worlds: World[] = [];

    beforeAll(async () => {
      if (!(await buildIfStale())) throw new Error('the build has failed');
    }, PATIENT);
    afterAll(async () => {
      for (const world of worlds) await world.end();
      await servers.stop();
      rmSync(folder, { recursive: true, force: true });
    }, PATIENT);

    async function start(options: Partial<Case>, size = SIZE): Promise<World> {
      const world = new World({ servers, folder, size, times: TIMES });
      worlds.push(world);
      await world.start({ ...options, env: ENV });
      return world;
    }

    describe('on Postgres and NATS', () => {
      let world: World;
      beforeAll(async () => {
        world = await start({ bus: 'nats' });
        await world.fill();
      }, PATIENT);
      // Each case answers for its own faults alone.
      afterEach(() => void world.faults.splice(0));
      afterAll(() => world.end(), PATIENT);

      it.each(titled(['kill', 'freeze', 'rolling', 'nats-stop', 'postgres-restart', 'deadlock']))(
        '%s',
        (_, name) => talk(world, caseOf(name).fault),
        PATIENT,
      );

      it.each(titled(['keys', 'seats']))(
        '%s',
        async (_, name) => {
          const row = await caseOf(name).run?.(world, TALK_MS);
          expect(row?.acknowledged).toBeGreaterThan(0);
          expect({ ...row, faults: world.faults }).toEqual({ ...row, ...FAULTLESS });
        },
        PATIENT,
      );
    });

    it.each(titled(['nats-faulty', 'redis-faulty']))(
      '%s',
      async (_, name) => {
        const world = await start(caseOf(name), { ...SIZE, nodes: 2 });
        await world.fill();
        await talk(world);
        await world.end();
      },
      PATIENT,
    );
  });
}

it(
  'three nodes in one process do so on a memory bus that loses, doubles and delays',
  async () => {
    const secret = 'whoever talks in a process of three nodes signs with this';
    const limits = { httpPerS: 100_000, httpBurst: 100_000 };
    const cluster = await startCluster(SIZE.nodes, {
      auth: { secret },
      cluster: { repairMs: 500 },
      limits,
      faults: FAULTS,
    });
    const nodes = cluster.nodes.map(({ ws: url, http }) => ({ url, http, isRunning: true, stop: async () => {} }));
    const world = new World({ size: SIZE, nodes, secret });
    try {
      await world.fill();
      await talk(world);
    } finally {
      await world.end();
      await cluster.close();
    }
  },
  PATIENT,
);
