import { Bus, BusModule, type BusType, Control, NatsAccess, NodeInfo, Nodes } from '@hubbub/bus';
import { HealthModule, HealthRegistry, Metrics, MetricsModule } from '@hubbub/observability';
import { syncSubject } from '@hubbub/protocol';
import { Test } from '@nestjs/testing';
import { BrokerProcess, describeWithBroker } from './testing/index.js';

function start(options: { type?: BusType; url?: string; nodeId?: string } = {}) {
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
    expect(named.get(Nodes).alive()).toEqual(['n1']);
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
    expect(() => bus.publish(syncSubject('test'), new Uint8Array())).toThrow(
      expect.objectContaining({ name: 'ServerError' }),
    );
  });

  it('refuses to start without the URL of its broker, or with one that is none', async () => {
    await expect(start({ type: 'nats' })).rejects.toThrow('bus.url: required because bus.type is nats');
    await expect(start({ type: 'nats', url: 'http://somewhere' })).rejects.toThrow('bus.url: expected nats://');
  });

  it('has a NATS connection to offer only where the bus is NATS', async () => {
    const app = await start();
    expect(app.get(NatsAccess)).toBeNull();
    await app.close();
  });
});

describeWithBroker('nats', 'BusModule on NATS', () => {
  it('is connected once it has started, and takes that for no reconnection', async () => {
    const broker = await BrokerProcess.start('nats');
    const app = await start({ type: 'nats', url: broker.url, nodeId: 'n1' });
    expect(app.get(Bus).health()).toEqual({ type: 'nats', status: 'up' });
    await app.get(Control).listen();
    app.get(Control).handle('count', ({ by }: { by: number }) => by + 1);
    expect(await app.get(Control).call('count', { by: 1 })).toEqual({ results: [2], nodes: 1, unconfirmed: [] });
    expect(app.get(Metrics).busReconnects.value).toBe(0);
    await app.close();
    await broker.remove();
  });

  it('starts without the broker, finds it later, and has its connection for others', async () => {
    const broker = await BrokerProcess.start('nats');
    await broker.stop();
    const app = await start({ type: 'nats', url: broker.url });
    const bus = app.get(Bus);
    const nats = app.get(NatsAccess);
    expect([bus.health().status, nats.isConnected, nats.connection]).toEqual(['down', false, undefined]);
    const got = new Promise<string>((resolve) => {
      void bus.subscribe(syncSubject('test'), (payload) => resolve(Buffer.from(payload).toString()));
    });
    const connections: unknown[] = [];
    nats.onConnection((connection) => connections.push(connection));
    const found = new Promise<void>((resolve) => bus.onReconnect(resolve));
    await broker.start();
    await found;
    expect([bus.health().status, nats.isConnected, connections]).toEqual(['up', true, [nats.connection]]);
    expect(app.get(Metrics).busReconnects.value).toBe(1);
    nats.connection?.publish(syncSubject('test'), 'by another way');
    expect(await got).toBe('by another way');
    await app.close();
    await broker.remove();
  });
});
