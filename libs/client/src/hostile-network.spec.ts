import type { DirectMessage, RoomMessage } from '@hubbub/protocol';
import { WebSocket } from 'ws';
import { HubbubClient, type Room } from './index.js';
import { CALM, HostileServer } from './testing/hostile-server.js';
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

describe('with a server that loses, doubles and swaps frames and kills connections', () => {
  it.each([1, 2, 3, 4])(
    'brings every message once, in order, and stores every own one once (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const server = await HostileServer.start(random);
      const client = new HubbubClient({
        url: server.url,
        token: 'alice',
        WebSocket,
        random,
        backoff: { baseMs: 1, maxMs: 4 },
        timeoutMs: 200,
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
        server.chaos = { drop: 0.02, double: 0.1, swap: 0.1, kill: 0.01 };

        const sends: Promise<unknown>[] = [];
        for (let n = 0; n < MESSAGES; n++) {
          for (const room of rooms) {
            if (random() < 0.6) server.post(room.id, `bot ${n}`);
            if (random() < 0.3) sends.push(room.send(`alice ${n}`));
          }
          if (random() < 0.2) server.direct('bob', 'alice', `bob ${n}`);
          if (random() < 0.2) sends.push(client.sendDirect('bob', `alice ${n}`));
          if (random() < 0.5) await turn();
        }
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
        expect(server.connections).toBeGreaterThan(1);
        expect(lost).toEqual([]);
      } finally {
        client.close();
        await server.close();
      }
    },
  );
});
