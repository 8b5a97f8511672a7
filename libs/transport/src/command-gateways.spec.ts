import type { IncomingMessage } from 'node:http';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { ConnectionEnd } from './command-connection.js';
import { CommandRouter, PAUSE_AT } from './command-router.js';
import type { Connection } from './connection.js';
import { WireApp } from './testing/wire-harness.js';

const told: string[] = [];
let disconnected: () => void;
let release: () => void;

@WebSocketGateway()
class Lifecycle {
  afterInit(server: object | undefined): void {
    told.push(`init ${typeof server}`);
  }

  async handleConnection(connection: Connection, request: IncomingMessage): Promise<void> {
    told.push(`connection ${connection.id} ${request.url?.split('?')[0]}`);
    await Promise.resolve();
    told.push('let in');
  }

  handleDisconnect(connection: Connection, { code, clean }: ConnectionEnd): void {
    told.push(`disconnect ${connection.id} ${code} ${clean}`);
    disconnected();
  }

  @SubscribeMessage('first')
  first(): void {
    told.push('first');
  }

  @SubscribeMessage('block')
  block(): Promise<void> {
    return new Promise((resolve) => (release = resolve));
  }

  @SubscribeMessage('numbered')
  numbered(@MessageBody('n') n: number): unknown {
    return { n };
  }
}

describe('a stock gateway over real sockets', () => {
  let app: WireApp;
  beforeEach(async () => {
    told.length = 0;
    app = await WireApp.start(
      { limits: { commandsPerS: 100_000, commandsBurst: 100_000 } },
      { providers: [Lifecycle] },
    );
  });
  afterEach(() => app.stop());

  it('has its lifecycle methods called once each, and waited for before the first command', async () => {
    const gone = new Promise<void>((resolve) => (disconnected = resolve));
    const client = await app.connect('alice');
    client.send({ message_type: 'first' });
    const connected = await client.next('connected');
    await client.next('first_reply');
    await client.close(1000);
    await gone;
    const { connection_id: id } = connected.data as { connection_id: string };
    expect(told).toEqual(['init object', `connection ${id} /ws`, 'let in', 'first', `disconnect ${id} 1000 true`]);
  });

  it('answers every command of a client that sends on while one is at work, in order', async () => {
    const client = await app.connect('alice');
    client.send({ message_type: 'block', message_id: 'block' });
    const count = 40 * PAUSE_AT;
    for (let n = 0; n < count; n++)
      client.send({ message_type: 'numbered', message_id: n, data: { n, pad: 'x'.repeat(400) } });
    const ping = client.command('ping', {}, 'behind');
    const router = app.app.get(CommandRouter);
    const connection = app.of('alice');
    while (!router.isFull(connection)) await new Promise(setImmediate);
    expect(connection.isPaused).toBe(true);
    // What the kernel and one read had already: far from all of it.
    expect(router.queued(connection)).toBeLessThan(count / 2);
    release();
    await ping;
    const ids = client.frames.slice(1).map(({ request_id }) => request_id);
    expect(connection.isPaused).toBe(false);
    expect(ids).toEqual(['block', ...Array.from({ length: count }, (_, n) => n), 'behind']);
  });
});
