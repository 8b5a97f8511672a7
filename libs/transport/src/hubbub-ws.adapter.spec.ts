import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { WireApp } from './testing/wire-harness.js';

@WebSocketGateway({ path: '/ws' })
class ServerGateway {
  @WebSocketServer()
  server: unknown;

  static connected: string[] = [];

  handleConnection(connection: { id: string }): void {
    ServerGateway.connected.push(connection.id);
  }

  @SubscribeMessage('whoami')
  whoami(): object {
    return { here: true };
  }
}

@WebSocketGateway(8123)
class PortGateway {}

@WebSocketGateway({ path: '/other' })
class PathGateway {}

@WebSocketGateway({ namespace: 'chat' })
class NamespaceGateway {}

describe('the adapter', () => {
  it('serves stock gateways on the HTTP server, wherever that is', async () => {
    const node = await WireApp.start({ server: { wsPath: '/realtime/socket' } });
    expect(node.ws).toMatch(/\/realtime\/socket$/);
    const alice = await node.connect('alice');
    expect((await alice.command('ping')).message_type).toBe('pong');
    await node.stop();
  });

  it('lets gateways see their connections, once each', async () => {
    const node = await WireApp.start({}, { providers: [ServerGateway] });
    const alice = await node.connect('alice');
    expect((await alice.command('whoami')).data).toEqual({ here: true });
    expect(ServerGateway.connected).toEqual([node.of('alice').id]);
    await node.stop();
  });

  it.each([
    ['port', PortGateway],
    ['path', PathGateway],
    ['namespace', NamespaceGateway],
  ])('refuses at start a gateway with a %s of its own', async (_, gateway) => {
    await expect(WireApp.start({}, { providers: [gateway] })).rejects.toThrow('all are served on /ws');
  });

  it('takes its listener off the HTTP server when it is closed', async () => {
    const node = await WireApp.start();
    const server = node.app.getHttpServer();
    expect(server.listenerCount('upgrade')).toBe(1);
    await node.stop();
    expect(server.listenerCount('upgrade')).toBe(0);
  });
});
