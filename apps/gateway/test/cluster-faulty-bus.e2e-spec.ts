import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import type { PartialConfig } from '@hubbub/hubbub';
import { startCluster, type TestCluster } from '@hubbub/testing';
import { expectAll, knowEachOther, upTo } from './cluster/numbers.js';

/** PROTOCOL §7.2: whatever the bus loses, repeats or reorders. The same on every bus. */

const NODES = [0, 1, 2];

function describeFaults(bus: () => PartialConfig['bus']): void {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster(3, { bus: bus(), cluster: { repairMs: 100 } });
    await knowEachOther(cluster);
  });
  afterEach(async () => {
    for (const faulty of cluster.buses) faulty.behave();
    await cluster.closeClients();
  });
  afterAll(() => cluster.close());

  /** People at all nodes, all of whom talk. */
  async function talk(messages: number): Promise<void> {
    const record = await cluster.talk({ people: 6, rooms: 2, messages });
    await record.expectNoLoss();
  }

  /** Two users, each at all nodes and sending at two of them, write to each other. */
  async function correspond(ann: string, bob: string, count: number): Promise<void> {
    const anns = await Promise.all(NODES.map((node) => cluster.connect(node, ann)));
    const bobs = await Promise.all(NODES.map((node) => cluster.connect(node, bob)));
    await Promise.all(
      upTo(count).flatMap((content) => [
        ...anns.slice(1).map((client) => client.command('direct_message', { target_id: bob, content })),
        ...bobs.slice(0, 2).map((client) => client.command('direct_message', { target_id: ann, content })),
      ]),
    );
    await expectAll([...anns, ...bobs], 'inbox', 4 * count);
  }

  describe('that loses a fifth, doubles a tenth and delays a third', () => {
    beforeEach(() => {
      for (const faulty of cluster.buses) faulty.faults = { lose: 0.2, double: 0.1, delay: 0.3, maxDelayMs: 40 };
    });
    afterAll(() => {
      for (const fault of ['lost', 'doubled', 'delayed'] as const) {
        expect(cluster.buses.reduce((sum, { counts }) => sum + counts[fault], 0)).toBeGreaterThan(0);
      }
    });

    it('no room notices', () => talk(240));
    it('no inbox notices', () => correspond('ann', 'bob', 15));
  });

  describe('that loses everything', () => {
    beforeEach(() => {
      for (const faulty of cluster.buses) faulty.loseEverything();
    });

    it('rooms read from the database what they lack', () => talk(60));
    it('inboxes read from the database what they lack', () => correspond('cid', 'dan', 5));
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
