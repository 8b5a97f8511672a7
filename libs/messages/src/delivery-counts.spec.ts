import { MemoryBroker, MemoryBus, NodeInfo, Nodes } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { FaultyBus } from '@hubbub/testing';
import { DeliveryCounts } from './delivery-counts.js';

async function startNode(nodeId: string, broker: MemoryBroker) {
  const bus = new FaultyBus(new MemoryBus(nodeId, broker), nodeId);
  const nodes = new Nodes(nodeId);
  const events = new ClusterEvents();
  const counts = new DeliveryCounts(bus, nodes, new NodeInfo(nodeId, '0', true), events);
  counts.onModuleInit();
  await events.ready();
  /** What a question to other nodes comes to, this one having handed the message to `here`. */
  const ask = (nodeIds: string[], here: number | null = 0) => {
    let number = 0;
    const sum = new Promise<number>((resolve) => {
      const question = counts.ask(nodeIds, resolve);
      number = question.number;
      if (here !== null) question.here(here);
    });
    return { number, sum };
  };
  return { bus, nodes, counts, ask };
}

describe('DeliveryCounts', () => {
  let broker: MemoryBroker;
  beforeEach(() => {
    broker = new MemoryBroker();
  });
  const start = (nodeId: string) => startNode(nodeId, broker);

  it('adds what this node and those that are asked have handed a message to', async () => {
    const [a, b, c] = await Promise.all([start('a'), start('b*'), start('c')]);
    const questions = [a.ask(['b*', 'c'], 1), a.ask(['c'], 2)] as const;
    b.counts.answer('a', questions[0].number, 3);
    for (const { number } of questions) c.counts.answer('a', number, 5);
    expect(await Promise.all(questions.map(({ sum }) => sum))).toEqual([9, 7]);
  });

  it('asks nobody, and so waits for nobody, where there is nobody', async () => {
    const { counts } = await start('a');
    const sums: number[] = [];
    counts.ask([], (sum) => sums.push(sum)).here(4);
    expect(sums).toEqual([4]);
  });

  it('waits a second for one that is silent, and not again before it has said something', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')]);
    const late = a.ask(['b'], 1);
    expect(await late.sum).toBe(1);
    const sums: number[] = [];
    const question = a.counts.ask(['b'], (sum) => sums.push(sum));
    question.here(2);
    expect(sums).toEqual([2]);
    b.counts.answer('a', late.number, 7);
    await new Promise((resolve) => setImmediate(resolve));
    const again = a.ask(['b'], 1);
    b.counts.answer('a', again.number, 7);
    expect(await again.sum).toBe(8);
  });

  it('waits no longer for this node itself', async () => {
    const a = await start('a');
    expect(await a.ask([], null).sum).toBe(0);
    expect(await a.ask([], 3).sum).toBe(3);
  });

  it('waits neither for a node that goes, nor for any while the bus is away', async () => {
    const a = await start('a');
    a.nodes.update(['b']);
    const sums: number[] = [];
    a.counts.ask(['b'], (sum) => sums.push(sum)).here(1);
    expect(sums).toEqual([]);
    a.nodes.update([]);
    expect(sums).toEqual([1]);
    a.bus.partition();
    a.counts.ask(['c'], (sum) => sums.push(sum)).here(2);
    expect(sums).toEqual([1, 2]);
  });
});
