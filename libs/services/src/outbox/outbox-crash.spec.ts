import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { GatewayProcess } from '@hubbub/hubbub/testing';
import { signJwt, TestClient } from '@hubbub/testing';
import { numbersOf, StreamReader } from '../testing/stream-reader.js';

const SECRET = '0815 hubbub crash tests sign with these 4711';
const ROOM = 'crash';
const WRITERS = 4;

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

/** A gateway that is a process, and is killed as often as one likes. */
class Victim {
  private writers: TestClient[] = [];

  private constructor(private readonly gateway: GatewayProcess) {}

  static async start(env: Record<string, string>): Promise<Victim> {
    const victim = new Victim(await GatewayProcess.start({ env }));
    for (let n = 0; n < WRITERS; n++) victim.writers.push(await victim.connect(`writer-${n}`));
    await victim.writers[0]?.request('create_room', { room_id: ROOM });
    for (const writer of victim.writers) await writer.command('join_room', { room_id: ROOM, history: 0 });
    return victim;
  }

  /** Resolves once all of them are acknowledged. */
  async post(count: number): Promise<void> {
    const posts = Array.from({ length: count }, (_, n) => this.send(n));
    await Promise.all(posts);
  }

  /** Posts all the time, until `enough` are acknowledged. */
  async burst(enough: number): Promise<void> {
    let acknowledged = 0;
    await new Promise<void>((resolve) => {
      const next = (n: number): void => {
        void this.send(n).then(
          () => {
            if (++acknowledged === enough) resolve();
            next(n);
          },
          // It was killed.
          () => undefined,
        );
      };
      for (let n = 0; n < 100; n++) next(n);
    });
  }

  /** Number of the last message that is stored. */
  async head(): Promise<number> {
    const reader = await this.connect('reader');
    return (await reader.command('join_room', { room_id: ROOM, history: 0 })).seq;
  }

  async waiting(): Promise<number> {
    const text = await (await fetch(`${this.gateway.http}/metrics`)).text();
    return Number(/^hubbub_outbox_pending (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  kill(): Promise<void> {
    return this.gateway.kill();
  }

  terminate(): Promise<void> {
    return this.gateway.terminate();
  }

  private send(n: number): Promise<unknown> {
    return this.writers[n % WRITERS]!.command('room_message', { room_id: ROOM, content: `text ${n}` });
  }

  private connect(user: string): Promise<TestClient> {
    const now = Math.floor(Date.now() / 1000);
    const permissions = ['read:message', 'send:message', 'create:room', 'join:room'];
    const claims = { user_id: user, iss: 'hubbub', permissions, iat: now, exp: now + 600 };
    return TestClient.open(this.gateway.ws, { token: signJwt(claims, SECRET) });
  }
}

describeWithBroker('nats', 'kill -9 between the commit and the stream', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-outbox-'));
  let broker: BrokerProcess;
  let reader: StreamReader;
  let starts = 0;
  let victim: Victim;

  const start = async () => {
    victim = await Victim.start({
      HUBBUB_DATA_DIR: dataDir,
      HUBBUB_AUTH_SECRET: SECRET,
      HUBBUB_BUS_TYPE: 'nats',
      HUBBUB_BUS_URL: broker.url,
      HUBBUB_BUS_JETSTREAM: 'true',
      HUBBUB_CLUSTER_NODE_ID: `n${++starts}`,
      HUBBUB_CLUSTER_NODE_TIMEOUT_MS: '1000',
      HUBBUB_CLUSTER_REPAIR_MS: '100',
    });
  };
  /** What the log has, what the durable consumer was given and what the stream has, once nothing waits any more. */
  const outcome = async () => {
    const head = await victim.head();
    await reader.until(() => numbersOf(reader.facts, ROOM).length >= head);
    while ((await victim.waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const [given, kept] = [numbersOf(reader.facts, ROOM), numbersOf(await reader.all(), ROOM)];
    return { given, kept, stored: upTo(head) };
  };

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    reader = await StreamReader.open(broker.url);
    await start();
    await victim.post(50);
    await reader.subscribe();
    await reader.start();
  }, 60_000);
  afterAll(async () => {
    await reader.close();
    await victim.terminate();
    await broker.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('loses nothing where the broker was away', async () => {
    await broker.stop();
    await victim.post(100);
    await victim.kill();
    await broker.start();
    await start();
    await victim.post(50);
    const { given, kept, stored } = await outcome();
    expect([given, kept]).toEqual([stored, stored]);
  }, 60_000);

  it('doubles nothing where the broker has it and could not say so', async () => {
    broker.pause();
    await victim.post(100);
    await victim.kill();
    broker.resume();
    await start();
    await victim.post(50);
    const { given, kept, stored } = await outcome();
    expect([given, kept]).toEqual([stored, stored]);
  }, 60_000);

  it('does neither in the middle of a burst, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const posting = victim.burst(300 + 100 * round);
      await posting;
      await victim.kill();
      await start();
    }
    await victim.post(10);
    const { given, kept, stored } = await outcome();
    expect([given, kept]).toEqual([stored, stored]);
  }, 120_000);

  it('is taken over by another node that lives', async () => {
    const dying = victim;
    await start();
    broker.pause();
    await Promise.all([dying.post(50), victim.post(50)]);
    await dying.kill();
    broker.resume();
    const { given, kept, stored } = await outcome();
    expect([given, kept]).toEqual([stored, stored]);
  }, 60_000);
});
