import { randomUUID } from 'node:crypto';
import { RoomRecord } from './room-record.js';
import { seededRandom } from './seeded-random.js';
import type { TestClient } from './test-client.js';
import type { TestGateway } from './test-gateway.js';

/** What clients get of a room, from its first frame on: begin it whenever you like, they keep their frames. */
export class Recording {
  private readonly records: readonly RoomRecord[];

  constructor(
    readonly clients: readonly TestClient[],
    readonly rooms: readonly string[],
  ) {
    this.records = rooms.map((roomId) => new RoomRecord(roomId, clients));
  }

  /**
   * Waits until every client has got as far as its rooms go by what was acknowledged, then for a round trip, and looks: each
   * message once at each member, in order, with its sender's content.
   * @throws Error that names room, member and numbers; or that there was nothing to lose
   */
  async expectNoLoss(): Promise<void> {
    await Promise.all(this.clients.map((client) => this.hasAll(client)));
    if (this.records.every(({ isSilent }) => isSilent))
      throw new Error(`Nothing was said in ${this.rooms.join(', ')}.`);
    const faults = this.records.flatMap((record) => record.faults());
    if (faults.length > 0) throw new Error(`Messages were lost, repeated or reordered:\n${faults.join('\n')}`);
  }

  private async hasAll(client: TestClient): Promise<void> {
    const isDone = () => client.ending !== undefined || this.records.every((record) => record.hasHead(client));
    // What is missing is told of all of them together.
    await client.until(isDone).catch(() => {});
    if (client.ending === undefined) await client.settle().catch(() => {});
  }
}

/** Records what clients get of a room; `expectNoLoss` of it says whether it was right. */
export function recordRoom(clients: readonly TestClient[], roomId: string): Recording {
  return new Recording(clients, [roomId]);
}

export interface TalkOptions {
  /** @default 10 */
  readonly people?: number;
  /** Everybody is in all of them. @default 1 */
  readonly rooms?: number;
  /** Of all people together. @default 100 */
  readonly messages?: number;
  /** Who says what where; the same for the same seed. @default 1 */
  readonly seed?: number;
}

/** Has people, spread over the nodes, say something in rooms, nobody waiting for anybody. Resolves when all is acknowledged. */
export async function talk(
  nodes: readonly TestGateway[],
  { people = 10, rooms = 1, messages = 100, seed = 1 }: TalkOptions = {},
): Promise<Recording> {
  const id = randomUUID().slice(0, 8);
  const roomIds = Array.from({ length: rooms }, (_, n) => `talk-${id}-${n + 1}`);
  const clients = await Promise.all(
    Array.from({ length: people }, (_, n) => (nodes[n % nodes.length] as TestGateway).connect(`person-${n + 1}`)),
  );
  for (const room_id of roomIds) {
    await clients[0]?.command('create_room', { room_id, max_clients: 0 });
    await Promise.all(clients.map((client) => client.command('join_room', { room_id })));
  }
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  await Promise.all(
    Array.from({ length: messages }, (_, n) =>
      pick(clients).command('room_message', { room_id: pick(roomIds), content: { n: n + 1 } }),
    ),
  );
  return new Recording(clients, roomIds);
}
