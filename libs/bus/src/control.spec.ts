import { Logger } from '@nestjs/common';
import { Control } from './control.js';
import { MemoryBroker } from './memory/memory-broker.js';
import { MemoryBus } from './memory/memory-bus.js';

async function twoNodes() {
  const broker = new MemoryBroker();
  const [a, b] = [new Control(new MemoryBus('a', broker)), new Control(new MemoryBus('b', broker))];
  await a.onModuleInit();
  await b.onModuleInit();
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

  it('has one handler a name', async () => {
    const { a } = await twoNodes();
    a.handle('x', () => undefined);
    expect(() => a.handle('x', () => undefined)).toThrow(/already/);
  });
});
