import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { WebSocket } from 'ws';
import { fileOutbox } from './file-outbox.js';
import { HubbubClient, type OutboxStore, type Position } from './index.js';
import { reached, until } from './testing/harness.js';
import { Life } from './testing/life.js';
import { Relay } from './testing/relay.js';
import { seededRandom } from './testing/seeded-random.js';

/** The client and the gateway together, over connections that break. */

let dataDir: string;
let gateway: TestGateway;
let relay: Relay;
let clients: HubbubClient[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hubbub-client-'));
  gateway = await startGateway({ dataDir });
  relay = await Relay.start(gateway.port);
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  await relay.close();
  await gateway.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function connect(user: string): Promise<HubbubClient> {
  const client = new HubbubClient({
    url: relay.url.replace('http', 'ws') + gateway.config.server.wsPath,
    token: () => gateway.token(user),
    WebSocket,
    backoff: { baseMs: 2, maxMs: 20 },
  });
  clients.push(client);
  await client.connect();
  return client;
}

/** Contents of the messages of a room, in the order in which they came, with their `seq`. */
function record(client: HubbubClient): string[] {
  const seen: string[] = [];
  client.on('room_message', ({ seq, content }) => seen.push(`${seq} ${String(content)}`));
  return seen;
}

describe('a client whom a service lets in and takes out', () => {
  const ask = async (command: string, data: object) => {
    const token = gateway.token('service:desk', { permissions: ['admin:system'] });
    const { status, body } = await gateway.fetch('POST', `/api/commands/${command}`, { token, body: data });
    expect([status, body]).toEqual([200, body]);
  };

  it('is in the room as if it had joined, also after its connection broke, until it is taken out', async () => {
    const bob = await connect('bob');
    const seen = record(bob);
    const place = { room_id: 'desk', user_id: 'bob' };
    await ask('create_room', { room_id: 'desk' });
    await ask('room_message', { room_id: 'desk', content: 'before' });
    await ask('join_user', place);
    await until(() => bob.room('desk').isJoined);
    await bob.room('desk').send('mine');
    relay.breakAll();
    await ask('room_message', { room_id: 'desk', content: 'meanwhile' });
    await until(() => seen.length === 3);
    expect(seen).toEqual(['1 before', '2 mine', '3 meanwhile']);

    const left = new Promise((resolve) => bob.room('desk').on('left', resolve));
    await until(() => bob.state === 'open');
    await ask('leave_user', place);
    expect(await left).toEqual({ reason: 'taken_out' });
    await ask('room_message', { room_id: 'desk', content: 'without him' });
    await bob.command('ping', {});
    expect([bob.room('desk').isJoined, seen.length]).toEqual([false, 3]);
    await ask('join_user', place);
    await until(() => seen.includes('4 without him'));
  });
});

describe('an application that is killed while it sends, on an outbox in a file', () => {
  const COUNT = 200;
  const content = (n: number) => `message ${n}`;

  it('has every message stored once and in order, and shows each once, though the gateway is killed too', async () => {
    const random = seededRandom(1);
    const bob = await connect('bob');
    await bob.command('create_room', { room_id: 'lobby' });
    await bob.join('lobby');
    const seen = record(bob);
    const kept = new Set<unknown>();
    const shown: string[] = [];
    let position: Position | undefined;
    let life = new Life();
    let writing = Promise.resolve();

    /** Nothing is left of the former run but the file, and where it was. */
    const begin = () => {
      life = new Life();
      const file = fileOutbox(join(dataDir, 'alice.outbox'));
      const recorded: OutboxStore = {
        take: (userId) => file.take(userId, () => {}),
        close: () => file.close(),
        write: (put, remove) => {
          const written = file.write(put, remove).then(() => {
            for (const message of put) kept.add(message.content);
          });
          writing = written;
          return written;
        },
      };
      const { WebSocket: Socket, clock } = life;
      const alice = new HubbubClient({
        url: relay.url.replace('http', 'ws') + gateway.config.server.wsPath,
        token: () => gateway.token('alice'),
        WebSocket: Socket,
        clock,
        outbox: life.store(recorded, random),
        backoff: { baseMs: 2, maxMs: 20 },
      });
      void alice.connect();
      const room = alice.room('lobby');
      room.on('joined', ({ reply: { epoch, seq } }) => (position ??= { epoch, seq }));
      room.on('room_message', ({ epoch, seq, content: said }) => {
        shown.push(`${seq} ${String(said)}`);
        position = { epoch, seq: seq as number };
      });
      void room.join({ history: 0, since: position });
      return { alice, room };
    };

    let { alice, room } = begin();
    await until(() => alice.state === 'open');
    for (let n = 0; n < COUNT; n++) {
      void room.send(content(n)).catch(() => {});
      if (random() < 0.1) await new Promise((resolve) => setImmediate(resolve));
      if (n === COUNT / 2) {
        relay.cut();
        const former = gateway;
        gateway = await startGateway({ dataDir });
        relay.target = gateway.port;
        await former.close();
      }
      if (random() >= 0.03) continue;
      life.end();
      // What a process has given to the system is written, whatever becomes of the process.
      await writing;
      ({ alice, room } = begin());
      for (let again = 0; again <= n; again++) {
        if (!kept.has(content(again))) void room.send(content(again)).catch(() => {});
      }
    }
    await until(() => shown.length >= COUNT && seen.length >= COUNT && alice.outbox.entries().length === 0);
    const all = Array.from({ length: COUNT }, (_, n) => `${n + 1} ${content(n)}`);
    expect([seen, shown]).toEqual([all, all]);
    alice.close();
  });
});

describe('the client with a gateway', () => {
  it.each([1, 2])(
    'brings all members the same messages once, in order, while connections break (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const users = ['alice', 'bob', 'carol'];
      const members = await Promise.all(users.map(connect));
      await members[0]?.command('create_room', { room_id: 'lobby' });
      const rooms = await Promise.all(members.map((client) => client.join('lobby')));
      const views = members.map(record);
      const lost: unknown[] = [];
      for (const client of members) client.on('lost', (event) => lost.push(event));

      const sends: Promise<unknown>[] = [];
      for (let n = 0; n < 60; n++) {
        rooms.forEach((room, index) => {
          if (random() < 0.7) sends.push(room.send(`${users[index]} ${n}`));
        });
        if (random() < 0.15) relay.breakAll();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(sends);
      await until(() => views.every((view) => view.length >= sends.length));

      const [first] = views;
      for (const view of views) expect(view).toEqual(first);
      expect(first?.map((line) => Number(line.split(' ')[0]))).toEqual(sends.map((_, index) => index + 1));
      for (const user of users) {
        const numbers = first?.filter((line) => line.includes(user)).map((line) => Number(line.split(' ')[2]));
        expect(numbers).toEqual([...(numbers ?? [])].sort((a, b) => a - b));
      }
      expect(lost).toEqual([]);
    },
  );

  it('goes on after the gateway was started again, with all that was said and whispered meanwhile', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    await alice.command('create_room', { room_id: 'lobby' });
    const [here, there] = [await alice.join('lobby'), await bob.join('lobby')];
    const seen = record(bob);
    const whispers: unknown[] = [];
    bob.on('direct_message', ({ content }) => whispers.push(content));
    await here.send('before');
    const back = [reached(alice, 'open'), reached(bob, 'open')];
    relay.cut();
    await gateway.close();
    const sends = [here.send('meanwhile'), there.send('me too'), alice.sendDirect('bob', 'psst')];
    gateway = await startGateway({ dataDir });
    relay.target = gateway.port;
    await Promise.all([...back, ...sends]);
    await until(() => seen.length === 3 && whispers.length === 1);
    expect(seen[0]).toBe('1 before');
    expect(
      seen
        .slice(1)
        .map((line) => line.slice(2))
        .sort(),
    ).toEqual(['me too', 'meanwhile']);
    expect(whispers).toEqual(['psst']);
  });

  it('reads from the history what it missed and the gateway does not bring back', async () => {
    const client = await connect('alice');
    await client.command('create_room', { room_id: 'lobby' });
    const room = await client.join('lobby', { history: 5 });
    const seen = record(client);
    const lost: unknown[] = [];
    room.on('lost', (event) => lost.push(event));
    const away = reached(client, 'offline');
    relay.cut();
    await away;
    const bob = await gateway.connect('bob');
    await bob.command('join_room', { room_id: 'lobby' });
    const before = gateway.config.history.recoverMax;
    await Promise.all(
      Array.from({ length: before + 1 }, (_, n) => bob.command('room_message', { room_id: 'lobby', content: n })),
    );
    const open = reached(client, 'open');
    relay.target = gateway.port;
    await open;
    expect(lost).toEqual([]);
    expect(seen.map((line) => Number(line.split(' ')[0]))).toEqual(Array.from({ length: before + 1 }, (_, n) => n + 1));
    await bob.command('room_message', { room_id: 'lobby', content: 'next' });
    await until(() => seen.length === before + 2);
    expect(seen.at(-1)).toBe(`${before + 2} next`);
  });

  it('leaves as asked: with close, its member is gone at once', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    await alice.command('create_room', { room_id: 'lobby' });
    const room = await alice.join('lobby');
    const seen: string[] = [];
    room.on('presence', ({ joined, left }) => {
      seen.push(...joined.map(({ user_id }) => `+${user_id}`), ...left.map(({ user_id }) => `-${user_id}`));
    });
    await bob.join('lobby');
    await until(() => seen.includes('+bob'));
    bob.close();
    await until(() => seen.includes('-bob'));
    expect((await room.members()).map(({ user_id }) => user_id)).toEqual(['alice']);
  });
});
