import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { Database } from '@hubbub/hubbub';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { MetricsLedger } from './metrics-ledger.js';
import { MOVED_IN_CLUSTERS } from './metrics-samples.js';

const command = (type: string, code: number) => `service_commands_total{type="${type}",code="${code}"}`;

/** What moves at a node that has others, a broker and services. */
describeWithBroker('nats', 'metrics of a node in a cluster', () => {
  const moved = new Set<string>();
  let broker: BrokerProcess;
  let gateway: TestGateway;
  let ledger: MetricsLedger;

  const post = (content: string) =>
    gateway.fetch('POST', '/api/rooms/lobby/messages', { token: gateway.token('ann'), body: { content } });
  const change = (statement: string) => gateway.app.get(Database).transaction((manager) => manager.query(statement));

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    gateway = await startGateway({
      bus: { type: 'nats', url: broker.url, jetstream: true },
      cluster: { nodeId: 'n1', nodeTimeoutMs: 1000, repairMs: 100 },
      limits: { maxMessageBytes: 2_000_000 },
      services: { trustNats: true },
      log: { level: 'fatal' },
    });
    ledger = new MetricsLedger(gateway, moved, ['nodes', 'events_published_total', ...MOVED_IN_CLUSTERS]);
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await broker.remove();
  });

  it('start with the node itself, of which services are told', () =>
    ledger.moves({ nodes: 1, events_published_total: 1 }, () => undefined));

  it('an event of stored data is published when the stream has acknowledged it', async () => {
    const stored = { events_published_total: 1, stream_ack_duration_seconds_count: 1 };
    const token = gateway.token('ann');
    await ledger.moves(stored, () => gateway.fetch('POST', '/api/rooms', { token, body: { id: 'lobby' } }));
    await ledger.moves(stored, () => post('hello'));
  });

  it('what waits for the stream is counted while it waits, and the broker that comes back', async () => {
    await ledger.moves({ outbox_pending: 2 }, async () => {
      await broker.stop();
      await post('one');
      await post('two');
    });
    const carried = { outbox_pending: -2, events_published_total: 2, stream_ack_duration_seconds_count: 2 };
    await ledger.moves({ ...carried, bus_reconnects_total: 1 }, () => broker.start());
  });

  it('an event that the stream will never take is counted as one error', () =>
    ledger.moves({ relay_errors_total: 1 }, () => post('x'.repeat(1_200_000))));

  it('commands of services are counted by type and code; whatever has no handler is one type', async () => {
    const service = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [broker.url] } });
    // Refusals are counted as well.
    const ask = (name: string) => lastValueFrom(service.send(`hubbub.cmd.${name}`, {})).catch(() => undefined);
    await ledger.moves({ [command('stats', 0)]: 2 }, () => Promise.all([ask('stats'), ask('stats')]));
    await ledger.moves({ [command('room_message', 1001)]: 1 }, () => ask('room_message'));
    await ledger.moves({ [command('unknown', 1006)]: 2 }, () => Promise.all([ask('made_up'), ask('other')]));
    await service.close();
  });

  it('a node counts while its lease is renewed, and is removed once, with a word to services', async () => {
    await ledger.moves({ nodes: 1 }, () => change("INSERT INTO node (id, incarnation, beat) VALUES ('n2', 'x', 1)"));
    await ledger.moves({ nodes: -1, nodes_removed_total: 1, events_published_total: 1 }, () => undefined);
  });

  it('a node that was taken for dead comes back, and says so', () =>
    ledger.moves({ fenced_total: 1, events_published_total: 1 }, () => change("DELETE FROM node WHERE id = 'n1'")));

  it('all that the suites beside this one leave to it were seen moving', () => {
    expect([...moved]).toEqual(expect.arrayContaining([...MOVED_IN_CLUSTERS]));
  });
});
