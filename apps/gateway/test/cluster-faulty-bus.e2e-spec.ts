import { BrokerProcess, describeWithBroker, FaultyBus } from '@hubbub/bus/testing';
import type { PartialConfig } from '@hubbub/hubbub';
import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';
import { expectAll, knowEachOther, upTo } from './cluster/numbers.js';

/** PROTOCOL §7.2: whatever the bus loses, repeats or reorders. The same on every bus. */

const NODES = [0, 1, 2];

function describeFaults(bus: () => PartialConfig['bus']): void {
  let cluster: TestCluster;
  let buses: FaultyBus[];
  let clients: TestClient[];

  beforeEach(async () => {
    buses = [];
    clients = [];
    cluster = await startCluster(
      3,
      { bus: bus(), cluster: { repairMs: 100 } },
      {
        wrap: (inner, nodeId) => {
          const faulty = new FaultyBus(inner, nodeId, { seed: buses.length + 1 });
          buses.push(faulty);
          return faulty;
        },
      },
    );
    await knowEachOther(cluster);
  });
  afterEach(() => cluster.close());

  async function connect(node: number, user: string): Promise<TestClient> {
    const client = await cluster.node(node).connect(user);
    clients.push(client);
    return client;
  }

  /** A user at each node sends to the room, and another one at each only reads. */
  async function talk(count: number): Promise<void> {
    const room_id = 'lobby';
    await (await connect(0, 'owner')).command('create_room', { room_id });
    const senders = await Promise.all(NODES.map((node) => connect(node, `sender${node}`)));
    const readers = await Promise.all(NODES.map((node) => connect(node, `reader${node}`)));
    for (const client of [...senders, ...readers]) await client.command('join_room', { room_id });
    await Promise.all(
      upTo(count).flatMap((n) => senders.map((sender) => sender.command('room_message', { room_id, content: n }))),
    );
    await expectAll([...senders, ...readers], { room_id }, 3 * count);
    const [order, ...others] = readers.map((reader) =>
      reader.pushes('room_message').map(({ sender_id, content }) => [sender_id, content]),
    );
    for (const other of others) expect(other).toEqual(order);
    for (const node of NODES) {
      const own = order?.filter(([sender]) => sender === `sender${node}`);
      expect(own?.map(([, content]) => content)).toEqual(upTo(count));
    }
  }

  /** Two users, each at all nodes and sending at two of them, write to each other. */
  async function correspond(count: number): Promise<void> {
    const anns = await Promise.all(NODES.map((node) => connect(node, 'ann')));
    const bobs = await Promise.all(NODES.map((node) => connect(node, 'bob')));
    await Promise.all(
      upTo(count).flatMap((content) => [
        ...anns.slice(1).map((ann) => ann.command('direct_message', { target_id: 'bob', content })),
        ...bobs.slice(0, 2).map((bob) => bob.command('direct_message', { target_id: 'ann', content })),
      ]),
    );
    await expectAll([...anns, ...bobs], 'inbox', 4 * count);
  }

  it('that loses a fifth, doubles a tenth and delays a third, nobody notices', async () => {
    for (const faulty of buses) faulty.faults = { lose: 0.2, double: 0.1, delay: 0.3, maxDelayMs: 40 };
    await talk(40);
    await correspond(15);
    for (const { counts } of buses) expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  });

  it('that loses everything is made up for by the database', async () => {
    for (const faulty of buses) faulty.loseEverything();
    await talk(10);
    await correspond(5);
  });
}

describe('a bus in memory', () => {
  describeFaults(() => undefined);
});

for (const type of ['nats', 'redis'] as const) {
  describeWithBroker(type, `a bus by ${type}`, () => {
    let broker: BrokerProcess;
    beforeAll(async () => {
      broker = await BrokerProcess.start(type);
    });
    afterAll(() => broker.remove());
    describeFaults(() => ({ type, url: broker.url }));
  });
}
