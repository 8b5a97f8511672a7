import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { isValid, SERVICE_COMMANDS, type ServiceCommand } from '@hubbub/protocol';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { type ClientProxy, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';

interface RawAnswer {
  readonly response?: unknown;
  readonly err?: { readonly name: string; readonly code: number; readonly details?: unknown };
}

const EVERYTHING = ['admin:system'];

describeWithBroker('nats', 'commands of services', () => {
  let broker: BrokerProcess;
  let gateways: TestGateway[];
  let raw: NatsConnection;
  let nest: ClientProxy;
  let token: string;

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    const config = { bus: { type: 'nats', url: broker.url } } as const;
    const first = await startGateway({ ...config, cluster: { nodeId: 'n1' } });
    gateways = [first, await startGateway({ ...config, cluster: { nodeId: 'n2' } }, { dataDir: first.dataDir })];
    raw = await connect({ servers: broker.url });
    nest = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [broker.url] } });
    await nest.connect();
    token = first.token('service:billing', { permissions: EVERYTHING });
  }, 60_000);
  afterAll(async () => {
    await raw.close();
    await nest.close();
    for (const gateway of gateways.toReversed()) await gateway.close();
    await broker.remove();
  });

  const send = (name: ServiceCommand, data: object) =>
    lastValueFrom(nest.send<Record<string, unknown>>(`hubbub.cmd.${name}`, { token, ...data }));
  const ask = async (name: string, payload: unknown): Promise<RawAnswer> => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return (await raw.request(`hubbub.cmd.${name}`, text, { timeout: 5000 })).json();
  };

  it('are answered to a stock client of Nest, by the schema of their table', async () => {
    const created = await send('create_room', { room_id: 'orders', max_clients: 5 });
    expect(created).toMatchObject({ room: { id: 'orders', max_clients: 5 } });
    const posted = await send('room_message', { room_id: 'orders', content: 'first' });
    expect(posted).toMatchObject({ room_id: 'orders', seq: 1 });
    console.log(created, posted);
  });

  it('raw', async () => {
    console.log(
      await ask('get_room', { token, room_id: 'orders' }),
      await ask('get_room', { room_id: 'orders' }),
      await ask('get_room', 'no json'),
      await ask('stats', { token }),
    );
  });
});
