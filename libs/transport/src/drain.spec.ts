import { once } from 'node:events';
import { HealthModule } from '@hubbub/observability';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Drain } from './drain.js';
import { RawSocket } from './testing/raw-socket.js';
import { Refused } from './testing/refused.js';
import { WireApp } from './testing/wire-harness.js';

@WebSocketGateway()
class SlowGateway {
  /** Done as soon as the drain has begun. */
  static started: Promise<void> = Promise.resolve();
  static entered = (): void => undefined;

  @SubscribeMessage('finish')
  async finish(): Promise<object> {
    SlowGateway.entered();
    await SlowGateway.started;
    return { done: true };
  }
}

describe('draining a node (DESIGN §4)', () => {
  let node: WireApp;
  let drain: Drain;
  beforeEach(async () => {
    node = await WireApp.start({ drain: { timeoutMs: 5000 } }, { providers: [SlowGateway], imports: [HealthModule] });
    drain = node.app.get(Drain);
  });
  afterEach(() => node.stop());

  it('tells every client when to come back, then closes with 1012', async () => {
    const clients = [await node.connect('alice'), await node.connect('bob'), await node.connect()];
    const drained = drain.start();
    for (const client of clients) {
      const { data } = await client.next('draining');
      expect(data.reconnect_after_ms).toBeGreaterThanOrEqual(0);
      expect(await client.closed).toEqual({ code: 1012, reason: 'node draining' });
      expect(client.frames.at(-1)?.message_type).toBe('draining');
    }
    await drained;
    expect([node.connections.count, drain.state]).toEqual([0, 'drained']);
  });

  it('answers commands that are under way', async () => {
    SlowGateway.started = new Promise((resolve) => drain.onStart(resolve));
    const underWay = new Promise<void>((resolve) => (SlowGateway.entered = resolve));
    const alice = await node.connect('alice');
    const answer = alice.command('finish');
    await underWay;
    void drain.start();
    expect((await answer).data).toEqual({ done: true });
    expect(await alice.closed).toMatchObject({ code: 1012 });
  });

  it('refuses new connections with 503, and is not ready but alive', async () => {
    const alice = await node.connect('alice');
    expect((await fetch(`${node.http}/health/ready`)).status).toBe(200);
    const drained = drain.start();
    const refused = (await node.connect('bob').catch((error: unknown) => error)) as Refused;
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 1003, '5']);
    expect((await fetch(`${node.http}/health/ready`)).status).toBe(503);
    expect((await fetch(`${node.http}/health/live`)).status).toBe(200);
    await alice.closed;
    await drained;
  });

  it('flushes in order once all connections have closed, and goes on when a flush fails', async () => {
    node.app.useLogger(false);
    const order: string[] = [];
    const alice = await node.connect('alice');
    void alice.closed.then(() => order.push('closed'));
    drain.onFlush(async () => {
      await new Promise(setImmediate);
      order.push(`first, ${node.connections.count} connections`);
    });
    drain.onFlush(() => Promise.reject(new Error('the broker is away')));
    drain.onFlush(() => void order.push('last'));
    await Promise.all([drain.start(), drain.start(), alice.closed]);
    expect(order).toEqual(['closed', 'first, 0 connections', 'last']);
  });

  it('does not wait for a client that does not answer its close frame', async () => {
    const stuck = await RawSocket.connect(node.ws, { authorization: 'Bearer stuck' });
    await drain.start();
    stuck.socket.resume();
    await once(stuck.socket, 'close');
    expect(drain.state).toBe('drained');
  });

  it('is done when the application is closed, before the HTTP server waits for its sockets', async () => {
    const alice = await node.connect('alice');
    const closing = node.app.close();
    expect(await alice.closed).toMatchObject({ code: 1012 });
    await closing;
    expect(drain.state).toBe('drained');
  });
});

describe('a drain without time', () => {
  it('gives up flushing and ends', async () => {
    const node = await WireApp.start({ drain: { timeoutMs: 0 } });
    node.app.useLogger(false);
    const alice = await node.connect('alice');
    const drain = node.app.get(Drain);
    drain.onFlush(() => new Promise(() => undefined));
    await drain.start();
    expect(drain.state).toBe('drained');
    await alice.closed;
    await node.stop();
  });
});
