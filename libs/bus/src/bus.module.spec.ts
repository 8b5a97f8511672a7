import { Bus, BusModule, Control, NodeInfo } from '@hubbub/bus';
import { HealthModule, HealthRegistry, MetricsModule } from '@hubbub/observability';
import { syncSubject } from '@hubbub/protocol';
import { Test } from '@nestjs/testing';

function start(options: { type?: string; nodeId?: string } = {}) {
  const bus = BusModule.forRoot({ type: 'memory', version: '1.0.0', ...options });
  const imports = [MetricsModule, HealthModule, bus];
  return Test.createTestingModule({ imports })
    .compile()
    .then((testing) => testing.init());
}

describe('BusModule', () => {
  it('names the node, each process its own unless told', async () => {
    const [first, second, named] = await Promise.all([start(), start(), start({ nodeId: 'n1' })]);
    const id = (app: typeof first) => app.get(NodeInfo).nodeId;
    expect(id(first)).not.toBe(id(second));
    expect(id(named)).toBe('n1');
    expect(named.get(Bus).nodes()).toEqual(['n1']);
    expect(named.get(NodeInfo).version).toBe('1.0.0');
    for (const app of [first, second, named]) await app.close();
  });

  it('has Control answer as soon as the application runs', async () => {
    const app = await start();
    app.get(Control).handle('count', ({ by }: { by: number }) => by + 1);
    expect(await app.get(Control).call('count', { by: 1 })).toEqual({ results: [2], nodes: 1, unconfirmed: [] });
    await app.close();
  });

  it('tells health how the bus is, and closes it at shutdown', async () => {
    const app = await start();
    const bus = app.get(Bus);
    const check = app
      .get(HealthRegistry)
      .all()
      .find(({ name }) => name === 'bus');
    expect(check?.ready).toBe(false);
    expect(await check?.check()).toEqual({ type: 'memory', nodes: 1, degraded: false });
    await app.close();
    expect((await check?.check())?.degraded).toBe(true);
    await expect(bus.publish(syncSubject('test'), new Uint8Array())).rejects.toMatchObject({ name: 'ServerError' });
  });

  it('refuses to start on a bus that this version does not speak', async () => {
    await expect(start({ type: 'nats' })).rejects.toThrow(
      'bus.type: nats is not supported by this version, only memory',
    );
  });
});
