import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { signJwt, TestClient } from '@hubbub/testing';
import { GatewayProcess } from './logs/gateway-process.js';

const PROGRAM = 'apps/gateway/src/main.ts';
const SECRET = 'workers of one machine sign with 0815 and 4711';
/** Starting a process takes seconds: it compiles what it loads. */
const START_MS = 120_000;
const SERVER = { host: '127.0.0.1', port: 0, workers: 2 };

function token(user: string, permissions = ['read:message', 'send:message', 'create:room', 'join:room']): string {
  const now = Math.floor(Date.now() / 1000);
  return signJwt({ user_id: user, iss: 'hubbub', permissions, iat: now, exp: now + 600 }, SECRET);
}

const opened = new Set<TestClient>();

/** A client, and the node that it is connected to. */
async function connect(gateway: GatewayProcess, user: string): Promise<{ client: TestClient; nodeId: string }> {
  const client = await TestClient.open(gateway.ws, { token: token(user) });
  opened.add(client);
  return { client, nodeId: (await client.next('connected')).node_id };
}

/** A client of `user` on each of `nodes`: connections are dealt out in turn. */
async function onEach(gateway: GatewayProcess, user: string, nodes: readonly string[]): Promise<TestClient[]> {
  const found = new Map<string, TestClient>();
  while (!nodes.every((nodeId) => found.has(nodeId))) {
    const { client, nodeId } = await connect(gateway, user).catch(() => ({ client: undefined, nodeId: '' }));
    if (client === undefined) continue;
    if (found.has(nodeId) || !nodes.includes(nodeId)) client.socket.terminate();
    else found.set(nodeId, client);
  }
  return nodes.map((nodeId) => found.get(nodeId) as TestClient);
}

/**
 * Both post to the room that they are in as fast as they are answered, until some time after `kill` has ended the worker of
 * one of them.
 * @returns the history of the room, the numbers that the other one received, and what each was told to be stored
 */
async function burst(clients: readonly TestClient[], kill: () => void) {
  const acknowledged: { seq: number; content: unknown }[] = [];
  let enough = Number.POSITIVE_INFINITY;
  const posting = clients.map(async (client, who) => {
    for (let n = 0; client.ending === undefined && acknowledged.length < enough; n++) {
      const content = [who, n];
      // The connection has ended: nobody knows.
      const stored = await client.command('room_message', { room_id: 'burst', content }).catch(() => undefined);
      if (stored !== undefined && acknowledged.push({ seq: stored.seq as number, content }) === 50) kill();
    }
  });
  const ended = await Promise.race(clients.map(async (client) => client.closed.then(() => client)));
  enough = acknowledged.length + 50;
  await Promise.all(posting);
  const [kept] = clients.filter((client) => client !== ended) as [TestClient];
  await kept.settle();
  const { messages: history } = await kept.command('room_history', { room_id: 'burst', limit: 200 });
  const received = kept.frames.filter(({ message_type }) => /^room_message(_sent)?$/.test(message_type));
  return { history, received: received.map(({ data }) => data['seq']), acknowledged };
}

/** Process ids of the workers. */
function workersOf({ child: { pid } }: GatewayProcess): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** One scrape, by a connection of its own: another worker answers each time. */
async function scrape(gateway: GatewayProcess): Promise<string[]> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${gateway.http}/metrics`, { agent: false }, resolve).once('error', reject);
  });
  return (await text(answer)).split('\n');
}

async function sample(gateway: GatewayProcess, name: string): Promise<number> {
  const line = (await scrape(gateway)).find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

describe('server.workers: 2', () => {
  let gateway: GatewayProcess;
  const nodes = ['crew-1', 'crew-2'];
  const config = {
    server: SERVER,
    cluster: { node_id: 'crew' },
    auth: { secret: SECRET },
    limits: { commands_per_s: 100_000, commands_burst: 100_000 },
    // No leave of a lost connection is to fall into a later test.
    presence: { grace_ms: 50 },
  };

  afterEach(async () => {
    for (const client of opened) client.socket.terminate();
    await Promise.all([...opened].map((client) => client.closed));
    opened.clear();
  });
  beforeAll(async () => {
    gateway = await GatewayProcess.start(PROGRAM, config);
    await onEach(gateway, 'first', nodes);
  }, START_MS);
  afterAll(() => gateway.remove());

  it('says once where it is', () => {
    expect(gateway.output.match(/"socket":"/g)).toHaveLength(1);
  });

  it('has clients of different workers talk in a room', async () => {
    const [alice, bob] = [
      (await onEach(gateway, 'alice', nodes.slice(0, 1)))[0] as TestClient,
      (await onEach(gateway, 'bob', nodes.slice(1)))[0] as TestClient,
    ];
    await alice.command('create_room', { room_id: 'lobby' });
    await alice.command('join_room', { room_id: 'lobby' });
    const { members } = await bob.command('join_room', { room_id: 'lobby' });
    expect(members.map(({ user_id }) => user_id).sort()).toEqual(['alice', 'bob']);
    await alice.next('presence', ({ joined }) => joined.some(({ user_id }) => user_id === 'bob'));
    for (let n = 1; n <= 20; n++) {
      const [sender, reader] = n % 2 === 0 ? [alice, bob] : [bob, alice];
      expect(await sender.command('room_message', { room_id: 'lobby', content: n })).toMatchObject({ seq: n });
      expect(await reader.next('room_message')).toMatchObject({ seq: n, content: n });
    }
    expect(await alice.command('direct_message', { target_id: 'bob', content: 'psst' })).toMatchObject({
      delivered: 1,
    });
  });

  it('tells the figures of all workers at each of them', async () => {
    const before = await sample(gateway, 'hubbub_joins_total');
    const clients = await onEach(gateway, 'carol', nodes);
    await (clients[0] as TestClient).command('create_room', { room_id: 'sums' });
    for (const client of clients) await client.command('join_room', { room_id: 'sums' });
    for (let n = 0; n < 4; n++) expect(await sample(gateway, 'hubbub_joins_total')).toBe(before + 2);
    // Those two are all that is left, once earlier ones are gone.
    while ((await sample(gateway, 'hubbub_connections')) !== 2) await sleep(50);
    const lines = await scrape(gateway);
    for (const type of ['hubbub_append_duration_seconds histogram', 'process_cpu_seconds_total counter']) {
      expect(lines.filter((line) => line === `# TYPE ${type}`)).toHaveLength(1);
    }
    // What each of them says of all is not added up.
    expect(lines).toContain('hubbub_nodes 2');
    expect(lines).toContain('hubbub_healthy{check="database"} 1');
  });

  it(
    'replaces a worker that is killed, and neither messages nor its figures are lost',
    async () => {
      const clients = (await onEach(gateway, 'dave', nodes)) as [TestClient, TestClient];
      await clients[0].command('create_room', { room_id: 'burst' });
      for (const client of clients) await client.command('join_room', { room_id: 'burst' });
      const joins = await sample(gateway, 'hubbub_joins_total');
      const pids = workersOf(gateway);
      expect(pids).toHaveLength(2);
      const from = gateway.output.length;
      const { history, received, acknowledged } = await burst(clients, () =>
        process.kill(pids[0] as number, 'SIGKILL'),
      );
      await gateway.writes(/worker ended, and is replaced/, from);
      // Whatever was acknowledged is stored once, under the number that its sender was told.
      expect(history).toMatchObject(history.map((_, index) => ({ seq: index + 1 })));
      for (const { seq, content } of acknowledged) expect(history[seq - 1]).toMatchObject({ seq, content });
      // The one whose worker lives has it all in order: its own as answers.
      expect(received).toEqual(history.map(({ seq }) => seq));
      // The other one serves all the time.
      await connect(gateway, 'erin');
      const again = await onEach(gateway, 'frank', nodes);
      await (again[0] as TestClient).command('join_room', { room_id: 'lobby' });
      const { messages } = await (again[1] as TestClient).command('join_room', { room_id: 'lobby' });
      expect(messages).toHaveLength(20);
      expect(await sample(gateway, 'hubbub_joins_total')).toBe(joins + 2);
      expect(workersOf(gateway)).toHaveLength(2);
      expect(workersOf(gateway)).not.toContain(pids[0]);
    },
    START_MS,
  );

  it(
    'drains one at the word of an operator, in good order, and replaces it',
    async () => {
      const operate = async (method: string, path: string) => {
        const headers = { authorization: `Bearer ${token('root', ['admin:system'])}` };
        const answer = await fetch(`${gateway.http}/api/operator/${path}`, { method, headers });
        return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
      };
      const [first, second] = (await onEach(gateway, 'helen', nodes)) as [TestClient, TestClient];
      const [from, pids] = [gateway.output.length, workersOf(gateway)];
      expect(await operate('POST', 'nodes/crew-3/drain')).toMatchObject({
        status: 404,
        body: { name: 'ClientNotFound' },
      });
      expect(await operate('POST', 'nodes/crew-2/drain')).toEqual({
        status: 202,
        body: { node_id: 'crew-2', status: 'draining' },
      });
      await second.next('draining');
      expect(await second.closed).toMatchObject({ code: 1012 });
      await gateway.writes(/"level":"info".*worker ended, and is replaced","nodeId":"crew-2","code":0/, from);
      await onEach(gateway, 'ida', nodes);
      await first.command('ping');
      expect(workersOf(gateway).filter((pid) => pids.includes(pid))).toHaveLength(1);

      const { body } = await operate('GET', 'config');
      expect(body['file']).toBe(join(gateway.dataDir, 'hubbub.yaml'));
      const sources = (body['keys'] as { key: string; source: string }[]).map(({ key, source }) => [key, source]);
      expect(Object.fromEntries(sources)).toMatchObject({
        'server.workers': 'file',
        'cluster.node_id': 'environment',
        'limits.flush_ms': 'default',
      });
    },
    START_MS,
  );

  it('reloads the configuration in all of them', async () => {
    const from = gateway.output.length;
    await gateway.reload({ ...config, presence: { grace_ms: 60 } });
    await gateway.writes(/(configuration reloaded[^]*){2}/, from);
  });

  it('drains all on SIGTERM, and ends with 0', async () => {
    const clients = await onEach(gateway, 'gina', nodes);
    const [code] = await Promise.all([
      gateway.stop(),
      ...clients.map(async (client) => {
        await client.next('draining');
        expect(await client.closed).toMatchObject({ code: 1012 });
      }),
    ]);
    expect(code).toBe(0);
  });
});

describe('server.workers: 2, at the start', () => {
  it(
    'makes one secret for all, without being given one',
    async () => {
      const gateway = await GatewayProcess.start(PROGRAM, { server: SERVER, cluster: { node_id: 'own' } });
      const body = JSON.stringify({ username: 'ann', password: 'a good password' });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${gateway.http}/api/auth/register`, { method: 'POST', headers, body });
      const { access_token } = (await answer.json()) as { access_token: string };
      const seen = new Set<string>();
      while (seen.size < 2) {
        const client = await TestClient.open(gateway.ws, { token: access_token });
        seen.add((await client.next('connected')).node_id);
        client.socket.terminate();
      }
      expect([...seen].sort()).toEqual(['own-1', 'own-2']);
      expect(await gateway.stop()).toBe(0);
      gateway.remove();
    },
    START_MS,
  );

  it(
    'ends with one clear error where a worker cannot start',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      const { port } = taken.address() as { port: number };
      const starting = GatewayProcess.start(PROGRAM, { server: { ...SERVER, port } });
      await expect(starting).rejects.toThrow(new RegExp(`cannot listen on 127.0.0.1:${port}: the port is in use`));
      await expect(starting).rejects.toThrow(/a worker cannot start, so all are ended/);
      taken.close();
    },
    START_MS,
  );
});
