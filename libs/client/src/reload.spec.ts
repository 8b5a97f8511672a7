import type { DirectMessage, RoomMessage } from '@hubbub/protocol';
import { type ClientOptions, HubbubClient, type Position } from './index.js';
import { type KeptMessage, type OutboxStore } from './outbox-store.js';
import { until } from './testing/harness.js';
import { CALM, type Chaos, HostileServer } from './testing/hostile-server.js';
import { Life } from './testing/life.js';
import { type MemoryGround, memoryOutbox } from './testing/memory-outbox.js';
import { seededRandom } from './testing/seeded-random.js';

const ROOMS = ['lobby', 'den'];
const ROUGH: Chaos = { drop: 0.001, double: 0.05, swap: 0.05, kill: 0.002, freeze: 0.0005 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What a user's application keeps over its reloads: where it was, and what it showed. */
class Person {
  readonly ground: MemoryGround = new Map();
  /** Ids of all messages that were ever kept: what is not has to be typed again. */
  readonly everKept = new Set<string>();
  readonly shown = new Map<string, RoomMessage[]>(ROOMS.map((id) => [id, []]));
  readonly directs: DirectMessage[] = [];
  readonly lost: unknown[] = [];
  lives = 0;
  life = new Life();
  client!: HubbubClient;
  private readonly positions = new Map<string, Position>();
  private inbox: Position | undefined;

  constructor(
    private readonly name: string,
    private readonly options: Pick<ClientOptions, 'url' | 'random'> & { random: () => number },
  ) {
    this.begin();
  }

  /** Loses everything but what was kept, and begins again. */
  reload(): void {
    this.life.end();
    this.life = new Life();
    this.begin();
  }

  private begin(): void {
    this.lives++;
    const { life } = this;
    const client = new HubbubClient({
      ...this.options,
      token: this.name,
      WebSocket: life.WebSocket,
      clock: life.clock,
      outbox: life.store(this.recorded(memoryOutbox(this.ground)), this.options.random),
      inbox: this.inbox,
      backoff: { baseMs: 1, maxMs: 4 },
      timeoutMs: 60,
      connectTimeoutMs: 50,
      pingTimeoutMs: 30,
    });
    this.client = client;
    client.on('lost', (event) => this.lost.push(event));
    client.on('direct_message', (message) => {
      this.directs.push(message);
      this.inbox = { epoch: client.inboxPosition?.epoch as string, seq: message.seq };
    });
    client.on('connected', () => {
      this.inbox ??= client.inboxPosition ?? undefined;
    });
    void client.connect();
    for (const id of ROOMS) {
      const room = client.room(id);
      room.on('joined', ({ reply: { epoch, seq } }) => {
        if (!this.positions.has(id)) this.positions.set(id, { epoch, seq });
      });
      room.on('room_message', (message) => {
        this.shown.get(id)?.push(message);
        this.positions.set(id, { epoch: message.epoch, seq: message.seq as number });
      });
      void room.join({ history: 0, since: this.positions.get(id) });
    }
  }

  private recorded(store: OutboxStore): OutboxStore {
    return {
      ...store,
      write: async (put, remove) => {
        for (const message of put) this.everKept.add(thingOf(message));
        await store.write(put, remove);
      },
    };
  }
}

const thingOf = ({ target, content }: Pick<KeptMessage, 'target' | 'content'>) => `${target} ${String(content)}`;
const view = ({ seq, sender_id, content }: Pick<RoomMessage, 'seq' | 'sender_id' | 'content'>) =>
  `${seq} ${sender_id} ${String(content)}`;

describe('messages through a server that loses, doubles, swaps, freezes and kills', () => {
  it.each([
    [1, 10_000],
    [2, 2000],
    [3, 2000],
  ])(
    'are each there once and in order for both sides, over reloads of both (seed %i, %i of them)',
    async (seed, count) => {
      const random = seededRandom(seed);
      const server = await HostileServer.start(random, 2);
      server.heartbeatMs = 30;
      const [alice, bob] = ['alice', 'bob'].map((name) => new Person(name, { url: server.urls, random })) as [
        Person,
        Person,
      ];
      try {
        await until(() => [alice, bob].every(({ client }) => client.state === 'open'));
        server.chaos = ROUGH;
        const targets = Array.from({ length: count }, () => ['bob', ...ROOMS][Math.floor(random() * 3)] as string);
        const type = (n: number) => {
          const target = targets[n] as string;
          const sent = target === 'bob' ? alice.client.sendDirect('bob', n) : alice.client.room(target).send(n);
          // With the end of a life nobody waits for it.
          sent.catch(() => {});
        };
        /** Sees what is missing, and types it again: only what was never kept. */
        const retype = (upTo: number) => {
          for (let n = 0; n < upTo; n++) {
            if (!alice.everKept.has(thingOf({ target: targets[n] as string, content: n }))) type(n);
          }
        };
        for (let n = 0; n < count; n++) {
          type(n);
          if (random() < 0.02) server.post(ROOMS[n % 2] as string, `bot ${n}`);
          if (random() < 0.05) await turn();
          if (random() < 10 / count) await bounce(server, random);
          if (random() < 5 / count) bob.reload();
          if (random() >= 10 / count) continue;
          alice.reload();
          retype(n + 1);
        }
        await until(() => alice.everKept.size === count && alice.ground.size === 0);
        // Once more, with everything answered: nothing is sent again.
        alice.reload();
        bob.reload();
        server.chaos = CALM;
        server.kill();
        for (const id of ROOMS) server.post(id, 'the end');
        server.direct('carol', 'alice', 'the end');
        server.direct('carol', 'bob', 'the end');
        const isAtEnd = ({ shown, directs }: Person) =>
          [...shown.values(), directs].every((messages) => messages.at(-1)?.content === 'the end');
        await until(() => isAtEnd(alice) && isAtEnd(bob));

        const stored = [...ROOMS.flatMap((id) => server.log(id)), ...server.inbox('bob')];
        const own = stored.filter(({ sender_id }) => sender_id === 'alice');
        expect(own.map(({ content }) => content as number).sort((a, b) => a - b)).toEqual(targets.map((_, n) => n));
        for (const person of [alice, bob]) {
          for (const id of ROOMS) {
            expect(person.shown.get(id)?.map(view)).toEqual(server.log(id).map(view));
            const numbers = server.log(id).flatMap(({ content }) => (typeof content === 'number' ? [content] : []));
            expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
          }
          expect(person.lost).toEqual([]);
        }
        for (const [person, name] of [
          [alice, 'alice'],
          [bob, 'bob'],
        ] as const) {
          expect(person.directs.map(view)).toEqual(server.inbox(name).map(view));
          const numbers = person.directs.flatMap(({ content }) => (typeof content === 'number' ? [content] : []));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
        expect(alice.client.outbox.entries()).toEqual([]);
        expect(Math.min(alice.lives, bob.lives)).toBeGreaterThan(2);
      } finally {
        for (const { life } of [alice, bob]) life.end();
        await server.close();
      }
    },
  );
});

/** A node is killed and started again. */
async function bounce(server: HostileServer, random: () => number): Promise<void> {
  const node = server.nodes[Math.floor(random() * server.nodes.length)];
  await node?.down();
  await node?.up();
}
