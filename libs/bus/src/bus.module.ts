import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Bus } from './bus.js';
import { Control } from './control.js';
import { MeteredBus } from './metered-bus.js';
import { NatsAccess } from './nats/nats-access.js';
import { NodeInfo } from './node-info.js';
import { Nodes } from './nodes.js';
import { type BusAddress, openBus } from './open-bus.js';

export interface BusOptions extends BusAddress {
  /** In place of `type`: tests join nodes of one process by it. */
  readonly make?: (nodeId: string) => Bus | Promise<Bus>;
  /** @default host name and a random suffix: two processes on one host are two nodes */
  readonly nodeId?: string;
  readonly version: string;
}

export type BusAsyncOptions = Pick<FactoryProvider<BusOptions>, 'inject' | 'useFactory'>;

const BUS_OPTIONS = Symbol('BUS_OPTIONS');
/** The bus itself, not counted: that of NATS has more to offer. */
const OPENED_BUS = Symbol('OPENED_BUS');

/** Provides Bus, NodeInfo, Nodes, Control and NatsAccess to the whole application; closes the bus at shutdown. */
@Module({})
export class BusModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Bus) private readonly bus: Bus,
    @Inject(Nodes) private readonly nodes: Nodes,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
  ) {}

  static forRoot(options: BusOptions): DynamicModule {
    return BusModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ inject = [], useFactory }: BusAsyncOptions): DynamicModule {
    return {
      module: BusModule,
      global: true,
      providers: [
        { provide: BUS_OPTIONS, inject, useFactory },
        { provide: NodeInfo, inject: [BUS_OPTIONS], useFactory: nodeOf },
        {
          provide: OPENED_BUS,
          inject: [BUS_OPTIONS, NodeInfo],
          useFactory: (options: BusOptions, { nodeId }: NodeInfo) => options.make?.(nodeId) ?? openBus(options, nodeId),
        },
        {
          provide: Bus,
          inject: [OPENED_BUS, Metrics],
          useFactory: (bus: Bus, metrics: Metrics) => new MeteredBus(bus, metrics),
        },
        { provide: NatsAccess, inject: [OPENED_BUS], useFactory: natsAccess },
        { provide: Nodes, inject: [NodeInfo], useFactory: ({ nodeId }: NodeInfo) => new Nodes(nodeId) },
        Control,
      ],
      exports: [NodeInfo, Bus, Nodes, Control, NatsAccess],
    };
  }

  onModuleInit(): void {
    // Never keeps the node from being ready: without the bus it serves its own, and reads the rest from the log.
    this.health.register({ name: 'bus', ready: false, check: async () => report(this.bus, this.nodes) });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}

function nodeOf({ nodeId, version, type, make }: BusOptions): NodeInfo {
  const name = nodeId || `${hostname()}-${randomBytes(3).toString('hex')}`;
  return new NodeInfo(name, version, type !== 'memory' || make !== undefined);
}

/** Null where the bus is not NATS. */
function natsAccess(bus: Bus & { readonly nats?: NatsAccess }): NatsAccess | null {
  return bus.nats ?? null;
}

function report(bus: Bus, nodes: Nodes): Record<string, unknown> {
  const { status, type } = bus.health();
  return { type, nodes: nodes.alive().length, degraded: status !== 'up' };
}
