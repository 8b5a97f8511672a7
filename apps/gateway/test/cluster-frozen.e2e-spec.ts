import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { GatewayProcess } from '@hubbub/hubbub/testing';
import { makeTestDatabase, missingTestServer, type TestServerDatabase } from '@hubbub/storage/testing';
import { signJwt, TestClient } from '@hubbub/testing';

const SECRET = '0815 hubbub pause tests sign with these 4711';

/** A process that is stopped and wakes does not know for how long it slept. */
describeWithBroker('nats', 'a node that was stopped until others took it for dead', () => {
  const noServer = missingTestServer('postgres');
  if (noServer !== undefined && process.env['CI'] !== 'true') {
    // biome-ignore lint/suspicious/noSkippedTests: what cannot run here is to be seen
    it.skip(`wakes (${noServer})`, () => {});
    return;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-frozen-'));
  let broker: BrokerProcess;
  let database: TestServerDatabase;
  let sound: GatewayProcess;
  let sleeper: GatewayProcess;

  beforeAll(async () => {
    [broker, database] = await Promise.all([BrokerProcess.start('nats'), makeTestDatabase('postgres')]);
    const start = (nodeId: string) =>
      GatewayProcess.start({
        env: {
          HUBBUB_DATA_DIR: dataDir,
          HUBBUB_AUTH_SECRET: SECRET,
          HUBBUB_DATABASE_TYPE: 'postgres',
          HUBBUB_DATABASE_URL: database.url,
          HUBBUB_BUS_TYPE: 'nats',
          HUBBUB_BUS_URL: broker.url,
          HUBBUB_CLUSTER_NODE_ID: nodeId,
          HUBBUB_CLUSTER_NODE_TIMEOUT_MS: '2000',
        },
      });
    sound = await start('sound');
    sleeper = await start('sleeper');
  }, 120_000);
  afterAll(async () => {
    sleeper.resume();
    for (const node of [sound, sleeper]) await node.kill();
    await broker.remove();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  function token(userId: string, permissions: string[] = []): string {
    const now = Math.floor(Date.now() / 1000);
    return signJwt({ user_id: userId, iss: 'hubbub', permissions, iat: now, exp: now + 600 }, SECRET);
  }
  const open = (node: GatewayProcess, userId: string) => TestClient.open(node.ws, { token: token(userId) });

  it('knows what it missed before it serves anybody, and then serves as before', async () => {
    const watcher = await open(sound, 'watcher');
    await watcher.command('watch_online', { enabled: true });
    const [mallory, bob] = [await open(sleeper, 'mallory'), await open(sleeper, 'bob')];
    await watcher.next('online', ({ count }) => count === 3);
    await Promise.all([mallory, bob].map((client) => client.settle()));

    sleeper.pause();
    await watcher.next('online', ({ count }) => count === 1);
    const revoked = await fetch(`${sound.http}/api/users/mallory/sessions`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token('root', ['admin:system'])}` },
    });
    // As it is taken for dead, nobody waits for its word.
    expect(await revoked.json()).toEqual({ closed: 0, nodes: 1, unconfirmed: [] });
    const before = mallory.frames.length;
    for (const client of [mallory, bob]) client.sendFrame({ message_type: 'ping', message_id: 'asleep' });

    sleeper.resume();
    expect((await mallory.closed).code).toBe(4502);
    expect(mallory.frames).toHaveLength(before);
    await bob.nextFrame(({ request_id }) => request_id === 'asleep');
    await watcher.next('online', ({ count }) => count === 2);
    const stats = await fetch(`${sleeper.http}/api/stats`, {
      headers: { authorization: `Bearer ${token('root', ['admin:system'])}` },
    });
    expect(await stats.json()).toMatchObject({ nodes: [{ node_id: 'sleeper' }, { node_id: 'sound' }] });
    for (const client of [watcher, bob]) await client.close();
  }, 60_000);
});
