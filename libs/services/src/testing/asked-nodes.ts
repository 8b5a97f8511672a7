import { openBus } from '@hubbub/bus';
import { BrokerProcess } from '@hubbub/bus/testing';
import type { ErrorBody, ServiceCommand, ServiceCommandData, ServiceReply } from '@hubbub/protocol';
import { FaultyBus, startGateway, type TestGateway, type TestGatewayOptions } from '@hubbub/testing';
import { type ClientProxy, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';

/** The two ways in which services ask. */
export const WAYS = ['NATS', 'HTTP'] as const;
export type Way = (typeof WAYS)[number];

/** Who asks, where it is not a service that may do everything. */
export interface Asking {
  readonly permissions: readonly string[];
  readonly userId?: string;
}

/**
 * Two nodes on one database and one NATS of their own. The first answers services, over NATS and HTTP; the second has
 * clients alone, and can be made silent.
 */
export class AskedNodes {
  private constructor(
    readonly first: TestGateway,
    readonly second: TestGateway,
    /** Of the second node. */
    readonly bus: FaultyBus,
    private readonly broker: BrokerProcess,
    private readonly nats: ClientProxy,
  ) {}

  static async open(config: TestGatewayOptions = {}): Promise<AskedNodes> {
    const broker = await BrokerProcess.start('nats');
    const address = { type: 'nats', url: broker.url } as const;
    const node = (nodeId: string) => ({ ...config, bus: address, cluster: { nodeId, repairMs: 200 } });
    const first = await startGateway(node('n1'));
    const bus = new FaultyBus(await openBus(address, 'n2'), 'n2');
    const second = await startGateway({ ...node('n2'), dataDir: first.dataDir, makeBus: () => bus });
    const nats = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [broker.url] } });
    await nats.connect();
    return new AskedNodes(first, second, bus, broker, nats);
  }

  /** Asks by one of the ways. @throws the error's body */
  async ask<N extends ServiceCommand>(
    way: Way,
    name: N,
    data: ServiceCommandData<N>,
    { permissions, userId = 'service:test' }: Asking = { permissions: ['admin:system'] },
  ): Promise<ServiceReply<N>> {
    const token = this.first.token(userId, { permissions });
    if (way === 'NATS') {
      return lastValueFrom(this.nats.send<ServiceReply<N>>(`hubbub.cmd.${name}`, { token, ...data }));
    }
    const { status, body } = await this.first.fetch('POST', `/api/commands/${name}`, { token, body: data });
    if (status !== 200) throw body;
    return body as ServiceReply<N>;
  }

  /** What asking is refused with. @throws if it is not. @param data may be wrong */
  async refusal(way: Way, name: ServiceCommand, data: object, asking?: Asking): Promise<ErrorBody> {
    const answer: unknown = await this.ask(way, name, data as never, asking).catch((error: unknown) => ({ error }));
    if (answer !== null && typeof answer === 'object' && 'error' in answer) return answer.error as ErrorBody;
    throw new Error(`${name} was answered ${JSON.stringify(answer)}`);
  }

  /** Runs `meanwhile` while the second node hears nothing and says nothing. */
  async whileSilent<T>(meanwhile: () => Promise<T>): Promise<T> {
    this.bus.loseEverything();
    try {
      return await meanwhile();
    } finally {
      this.bus.behave();
    }
  }

  async close(): Promise<void> {
    await this.nats.close();
    await this.second.close();
    await this.first.close();
    await this.broker.remove();
  }
}
