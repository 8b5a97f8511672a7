import { FaultyBus } from '@hubbub/testing';
import { Logger } from '@nestjs/common';
import { Control } from './control.js';
import { MemoryBroker } from './memory/memory-broker.js';
import { MemoryBus } from './memory/memory-bus.js';
import { NodeInfo } from './node-info.js';
import { Nodes } from './nodes.js';

async function twoNodes(alive = ['a', 'b'], seed = 1) {
  const broker = new MemoryBroker();
  const [a, b] = ['a', 'b'].map((nodeId) => {
    const nodes = new Nodes(nodeId);
    nodes.update(alive);
    const bus = new FaultyBus(new MemoryBus(nodeId, broker), nodeId, { seed });
    return Object.assign(new Control(bus, nodes, new NodeInfo(nodeId, '0', true)), { faulty: bus });
  }) as [Control & { faulty: FaultyBus }, Control & { faulty: FaultyBus }];
  await a.listen();
  await b.listen();
  return { a, b };
}

describe('Control', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('reaches every node and returns what each did', async () => {
    const { a, b } = await twoNodes();
    a.handle('revoke', ({ user }: { user: string }) => ({ closed: 1, user }));
    b.handle('revoke', async ({ user }: { user: string }) => ({ closed: 2, user }));
    const { results, nodes, unconfirmed } = await a.call<{ closed: number; user: string }>('revoke', { user: 'eve' });
    expect(results.map((result) => result.closed).sort()).toEqual([1, 2]);
    expect(results.every((result) => result.user === 'eve')).toBe(true);
    expect([nodes, unconfirmed]).toEqual([2, []]);
  });

  it('names a node that could not do it', async () => {
    const { a, b } = await twoNodes();
    a.handle('revoke', () => undefined);
    b.handle('revoke', () => Promise.reject(new Error('cannot')));
    expect(await a.call('revoke', {})).toEqual({ results: [null], nodes: 1, unconfirmed: ['b'] });
  });

  it('names a node that does not answer, though another does', async () => {
    const { a, b } = await twoNodes(['a', 'b', 'gone']);
    for (const node of [a, b]) node.handle('count', () => 1);
    expect(await a.call('count', {})).toEqual({ results: [1, 1], nodes: 2, unconfirmed: ['gone'] });
  });

  it('names all others at once when the bus is away, and is done here', async () => {
    const { a, b } = await twoNodes();
    for (const node of [a, b]) node.handle('count', () => 1);
    a.faulty.partition();
    expect(await a.call('count', {})).toEqual({ results: [1], nodes: 1, unconfirmed: ['b'] });
  });

  it.each([1, 2, 3])('is handled once at each node, however often it comes (seed %i)', async (seed) => {
    const { a, b } = await twoNodes(['a', 'b'], seed);
    const handled: string[] = [];
    for (const node of [a, b]) node.handle('note', ({ n }: { n: number }) => void handled.push(`${node === a} ${n}`));
    for (const { faulty } of [a, b]) faulty.faults = { lose: 0.2, double: 0.2, delay: 0.5, maxDelayMs: 20 };
    const calls = Array.from({ length: 20 }, (_, n) => a.call('note', { n }));
    const confirmed = (await Promise.all(calls)).filter(({ unconfirmed }) => unconfirmed.length === 0);
    expect(new Set(handled).size).toBe(handled.length);
    // A fifth is lost on each way: without asking again it would be a third at most.
    expect(confirmed.length).toBeGreaterThanOrEqual(18);
  });

  it('has one handler a name', async () => {
    const { a } = await twoNodes();
    a.handle('x', () => undefined);
    expect(() => a.handle('x', () => undefined)).toThrow(/already/);
  });
});
