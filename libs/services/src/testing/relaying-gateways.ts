import { BrokerProcess } from '@hubbub/bus/testing';
import { Outbox } from '@hubbub/messages';
import { Database } from '@hubbub/storage';
import { makeTestDatabase, type TestedDatabase, type TestServerDatabase } from '@hubbub/storage/testing';
import { startGateway, type TestClient, TestGateway } from '@hubbub/testing';
import { StreamReader } from './stream-reader.js';

/** Suites run side by side, and a server has a hundred connections. */
const POOL_SIZE = 4;

/** Gateways on one database and one NATS of their own, which keep events in the stream; and one who reads it. */
export class RelayingGateways {
  private readonly running: TestGateway[] = [];

  private constructor(
    readonly broker: BrokerProcess,
    readonly reader: StreamReader,
    private readonly server: TestServerDatabase | null,
  ) {}

  static async open(database: TestedDatabase = 'sqlite'): Promise<RelayingGateways> {
    const server = database === 'sqlite' ? null : await makeTestDatabase(database);
    const broker = await BrokerProcess.start('nats');
    return new RelayingGateways(broker, await StreamReader.open(broker.url), server);
  }

  async start(nodeId: string): Promise<TestGateway> {
    const { server, running } = this;
    const gateway = await startGateway({
      bus: { type: 'nats', url: this.broker.url, jetstream: true },
      cluster: { nodeId, nodeTimeoutMs: 1000, repairMs: 100 },
      log: { level: 'fatal' },
      ...(server === null ? {} : { database: { type: server.type, url: server.url, poolSize: POOL_SIZE } }),
      ...(running[0] === undefined ? {} : { dataDir: running[0].dataDir }),
    });
    running.push(gateway);
    return gateway;
  }

  /** Ends the node that was started first, whose database stays. */
  async stopFirst(): Promise<void> {
    await this.running[0]?.app.close();
  }

  async close(): Promise<void> {
    await this.reader.close();
    for (const gateway of this.running.toReversed()) await gateway.close();
    await this.broker.remove();
    await this.server?.drop();
  }
}

/** A user in a room, which is made if there is none. */
export async function memberOf(gateway: TestGateway, userId: string, roomId: string): Promise<TestClient> {
  const member = await gateway.connect(userId);
  await member.request('create_room', { room_id: roomId });
  await member.command('join_room', { room_id: roomId });
  return member;
}

/** @returns the number of the last one */
export async function post(
  from: TestClient,
  roomId: string,
  count: number,
  content: unknown = 'text',
): Promise<number> {
  const posts = Array.from({ length: count }, () => from.command('room_message', { room_id: roomId, content }));
  return (await Promise.all(posts)).at(-1)?.seq ?? 0;
}

export function of<T>(gateway: TestGateway, type: abstract new (...args: never[]) => T): T {
  return gateway.app.get(type as never, { strict: false });
}

/** How many events have not left. */
export function waiting(gateway: TestGateway): Promise<number> {
  return of(gateway, Outbox).count();
}

/** Which node carries them. */
export function relayOf(gateway: TestGateway): Promise<string | null | undefined> {
  return of(gateway, Database).read(async (manager) => {
    const [row] = await manager.query<{ node_id: string | null }[]>('SELECT node_id FROM relay_lease');
    return row?.node_id;
  });
}

/** Jest's own limit ends what never comes. */
export async function settles(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
