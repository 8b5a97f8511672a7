import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventSubject, syncSubject } from '@hubbub/protocol';
import { until } from '../testing/bus-pair.js';
import { describeBusContract } from '../testing/index.js';
import { sharedChannel } from './testing/shared-pipe.js';
import { WorkersBus } from './workers-bus.js';

const register = pathToFileURL(resolve('scripts/run-typescript.mjs')).href;

let child: ChildProcess;
let made = 0;

/** It compiles what it loads. */
const START_MS = 60_000;

async function startBroker(): Promise<void> {
  child = fork(join(__dirname, 'testing/broker-process.ts'), {
    execArgv: ['--import', register],
    serialization: 'advanced',
  }).setMaxListeners(0);
  await once(child, 'message');
}

async function makeBus(id: string): Promise<WorkersBus> {
  return new WorkersBus(id, sharedChannel(child, `${id}-${++made}`)).opened();
}

async function end(): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('WorkersBus on a primary that is another process', () => {
  beforeAll(startBroker, START_MS);
  afterAll(end);

  describeBusContract('WorkersBus', {
    traits: { canBeAway: false, canBePaused: true },
    async make() {
      const [a, b] = await Promise.all([makeBus('a'), makeBus('b')]);
      const broker = {
        start: async () => {},
        stop: async () => {},
        pause: () => void child.kill('SIGSTOP'),
        resume: () => void child.kill('SIGCONT'),
      };
      return { a, b, aId: 'a', bId: 'b', broker };
    },
  });
});

describe('WorkersBus', () => {
  beforeAll(startBroker, START_MS);

  it('hears what this worker is subscribed to, so that no event is composed for nobody', async () => {
    const bus = await makeBus('c');
    expect(bus.hears('hubbub.evt')).toBe(false);
    const subscription = await bus.subscribe(eventSubject('room', 'r', 'made_up'), () => undefined);
    expect([bus.hears('hubbub.evt'), bus.hears('hubbub.eph')]).toEqual([true, false]);
    await subscription.unsubscribe();
    expect(bus.hears('hubbub.evt')).toBe(false);
    await bus.close();
  });

  it('is down once the primary has ended', async () => {
    const bus = await makeBus('a');
    await until(() => bus.health().status === 'up');
    const asked = bus.request(syncSubject('ask'), new Uint8Array(), { deadlineMs: 100, expected: ['b'] });
    await end();
    expect(bus.health().status).toBe('down');
    expect(await asked).toEqual({ answers: [], missing: ['b'] });
    expect(() => bus.publish(syncSubject('test'), new Uint8Array())).toThrow(
      expect.objectContaining({ name: 'ServerError' }),
    );
    await bus.close();
  });
});
