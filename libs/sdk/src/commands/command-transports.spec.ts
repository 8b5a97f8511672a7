import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NatsLink } from '../nats/nats-link.js';
import { describeCommandTransport } from '../testing/command-transport.contract.js';
import { HttpCommands } from './http-commands.js';
import { NatsCommands } from './nats-commands.js';

describeWithBroker('nats', 'commands', () => {
  let broker: BrokerProcess;
  let elsewhere: BrokerProcess;
  let gateway: TestGateway;
  let mute: NatsConnection;
  let muteServer: Server;
  let token: string;
  const links: NatsLink[] = [];

  beforeAll(async () => {
    [broker, elsewhere] = await Promise.all([BrokerProcess.start('nats'), BrokerProcess.start('nats')]);
    gateway = await startGateway({ bus: { type: 'nats', url: broker.url } });
    token = gateway.token('service:tests', { permissions: ['admin:system'] });
    await gateway.fetch('POST', '/api/rooms', { token, body: { id: 'there' } });
    muteServer = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(muteServer, 'listening');
    mute = await connect({ servers: elsewhere.url });
    mute.subscribe('hubbub.cmd.stats');
    await mute.flush();
    for (const url of [broker.url, elsewhere.url]) links.push(new NatsLink({ servers: url }));
  });
  afterAll(async () => {
    for (const link of links) await link.close();
    muteServer.closeAllConnections();
    muteServer.close();
    await mute.close();
    await gateway.close();
    await Promise.all([broker.remove(), elsewhere.remove()]);
  });

  const [toGateway, toMute] = [() => links[0] as NatsLink, () => links[1] as NatsLink];
  const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  describeCommandTransport('over NATS', () => ({
    token,
    transport: new NatsCommands(toGateway()),
    unanswered: new NatsCommands(toMute()),
    alone: {
      request: (command) => new NatsCommands(toMute()).request({ ...command, name: 'nobody' }),
    },
  }));

  describeCommandTransport('over HTTP', () => ({
    token,
    transport: new HttpCommands(`${gateway.http}/`),
    unanswered: new HttpCommands(urlOf(muteServer)),
    // Nothing listens on the port of a broker's web page that is not switched on.
    alone: new HttpCommands('http://127.0.0.1:1'),
  }));

  it('over NATS wait for a broker that is not there yet, and no longer than they may', async () => {
    const link = new NatsLink({ servers: `nats://127.0.0.1:1` });
    const asked = new NatsCommands(link).request({ name: 'stats', data: {}, timeoutMs: 100 });
    await expect(asked).rejects.toMatchObject({ name: 'ServerError', message: 'There is no connection to NATS.' });
    await link.close();
  });

  it('over HTTP tell an answer of a proxy from one of a gateway', async () => {
    const proxy = createServer((request, response) => {
      response.statusCode = request.url?.endsWith('stats') ? 502 : 404;
      response.end('<html>');
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const commands = new HttpCommands(urlOf(proxy));
    const ask = (name: string) => commands.request({ name, data: {}, timeoutMs: 5000 });
    await expect(ask('stats')).rejects.toMatchObject({ name: 'ServerError', message: expect.stringContaining('502') });
    await expect(ask('online')).rejects.toMatchObject({ name: 'Unknown', message: expect.stringContaining('404') });
    proxy.close();
  });
});
