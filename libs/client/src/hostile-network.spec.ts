import type { DirectMessage, RoomMessage } from '@hubbub/protocol';
import { WebSocket } from 'ws';
import { HubbubClient, type Room } from './index.js';
import type { HostileNode } from './testing/hostile-node.js';
import { CALM, type Chaos, HostileServer } from './testing/hostile-server.js';
import { seededRandom } from './testing/seeded-random.js';

const ROOMS = ['lobby', 'den', 'attic'];
const MESSAGES = 120;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Resolves at the first event for which `isIt` holds. */
function arrival(room: Room, isIt: (message: RoomMessage) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = room.on('room_message', (message) => {
      if (!isIt(message)) return;
      stop();
      resolve();
    });
  });
}

interface Trouble {
  readonly server: HostileServer;
  readonly random: () => number;
  readonly chaos: Chaos;
  /** Done now and then while messages come and go. */
  readonly disturb?: () => Promise<void>;
  /** Ends all disturbance. */
  readonly calm?: () => Promise<void>;
}

/** Talks through all that, and compares what came with what the server has. @returns how many connections it took */
async function survives({ server, random, chaos, disturb, calm }: Trouble): Promise<number> {
  const client = new HubbubClient({
    url: server.urls,
    token: 'alice',
    WebSocket,
    random,
    backoff: { baseMs: 1, maxMs: 4 },
    timeoutMs: 200,
    connectTimeoutMs: 50,
    pingTimeoutMs: 30,
  });
  const messages = new Map<string, RoomMessage[]>(ROOMS.map((id) => [id, []]));
  const inbox: DirectMessage[] = [];
  const lost: unknown[] = [];
  client.on('room_message', (message) => messages.get(message.room_id)?.push(message));
  client.on('direct_message', (message) => inbox.push(message));
  client.on('lost', (event) => lost.push(event));
  try {
    await client.connect();
    const rooms = await Promise.all(ROOMS.map((id) => client.join(id)));
    server.chaos = chaos;

    const sends: Promise<unknown>[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      for (const room of rooms) {
        if (random() < 0.6) server.post(room.id, `bot ${n}`);
        if (random() < 0.3) sends.push(room.send(`alice ${n}`));
      }
      if (random() < 0.2) server.direct('bob', 'alice', `bob ${n}`);
      if (random() < 0.2) sends.push(client.sendDirect('bob', `alice ${n}`));
      if (random() < 0.1) await disturb?.();
      if (random() < 0.5) await turn();
    }
    await calm?.();
    await Promise.all(sends);

    server.chaos = CALM;
    const last = rooms.map((room) => arrival(room, ({ content }) => content === 'the end'));
    const lastDirect = new Promise<void>((resolve) => {
      client.on('direct_message', ({ content }) => {
        if (content === 'the end') resolve();
      });
    });
    for (const { id } of rooms) server.post(id, 'the end');
    server.direct('bob', 'alice', 'the end');
    await Promise.all([...last, lastDirect]);

    for (const { id } of rooms) {
      const view = ({ seq, sender_id, content }: RoomMessage) => `${seq} ${sender_id} ${String(content)}`;
      expect(messages.get(id)?.map(view)).toEqual(server.log(id).map(view));
      const own = server.log(id).filter(({ sender_id }) => sender_id === 'alice');
      const numbers = own.map(({ content }) => Number(String(content).split(' ')[1]));
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }
    const view = ({ seq, sender_id, content }: DirectMessage) => `${seq} ${sender_id} ${String(content)}`;
    expect(inbox.map(view)).toEqual(server.inbox('alice').map(view));
    const stored = ROOMS.flatMap((id) => server.log(id)).filter(({ sender_id }) => sender_id === 'alice').length;
    const directs = server.inbox('alice').filter(({ sender_id }) => sender_id === 'alice').length;
    expect(stored + directs).toBe(sends.length);
    expect(lost).toEqual([]);
    return server.connections;
  } finally {
    client.close();
    await server.close();
  }
}

const ROUGH: Chaos = { drop: 0.02, double: 0.1, swap: 0.1, kill: 0.01 };

describe('with a server that loses, doubles and swaps frames and kills connections', () => {
  it.each([1, 2, 3, 4])(
    'brings every message once, in order, and stores every own one once (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const server = await HostileServer.start(random);
      expect(await survives({ server, random, chaos: ROUGH })).toBeGreaterThan(1);
    },
  );
});

describe('with several nodes that are killed, drained and frozen, and an address where nobody is', () => {
  it.each([
    ['and quiet lines', CALM],
    ['and lines that lose, double and swap', ROUGH],
  ])('brings every message once, in order, and stores every own one once (%s)', async (_, chaos) => {
    let connections = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const random = seededRandom(seed);
      const server = await HostileServer.start(random, 4);
      server.heartbeatMs = 30;
      const [dead, ...nodes] = server.nodes as [HostileNode, ...HostileNode[]];
      await dead.down();
      const away = new Set<HostileNode>();
      const restore = async (node: HostileNode) => {
        await node.down();
        away.delete(node);
        await node.up();
      };
      const disturb = async () => {
        const node = nodes[Math.floor(random() * nodes.length)] as HostileNode;
        if (away.has(node)) return restore(node);
        // One is always there.
        if (away.size === nodes.length - 1) return;
        away.add(node);
        const what = random();
        if (what < 0.3) await node.down();
        else if (what < 0.6) node.isFrozen = true;
        else server.drain(node, Math.floor(random() * 20));
      };
      const calm = async () => {
        for (const node of away) await restore(node);
      };
      connections += await survives({ server, random, chaos, disturb, calm });
    }
    expect(connections).toBeGreaterThan(5);
  });
});
