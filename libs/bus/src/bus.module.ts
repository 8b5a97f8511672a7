import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Bus } from './bus.js';
import { Control } from './control.js';
import { MemoryBus } from './memory/memory-bus.js';
import { MeteredBus } from './metered-bus.js';
import { NodeInfo } from './node-info.js';

export interface BusOptions {
  /** Only `memory` so far: one node. */
  readonly type: string;
  /** @default host name and a random suffix: two processes on one host are two nodes */
  readonly nodeId?: string;
  readonly version: string;
}

/** Provides Bus, NodeInfo and Control to the whole application; closes the bus at shutdown. */
@Module({})
export class BusModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Bus) private readonly bus: Bus,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
  ) {}

  static forRoot(options: BusOptions): DynamicModule {
    const node = new NodeInfo(options.nodeId || `${hostname()}-${randomBytes(3).toString('hex')}`, options.version);
    return {
      module: BusModule,
      global: true,
      providers: [
        { provide: NodeInfo, useValue: node },
        {
          provide: Bus,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => new MeteredBus(makeBus(options, node), metrics),
        },
        Control,
      ],
      exports: [NodeInfo, Bus, Control],
    };
  }

  onModuleInit(): void {
    // Never keeps the node from being ready: without the bus it serves its own, and reads the rest from the log.
    this.health.register({ name: 'bus', ready: false, check: async () => report(this.bus) });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}

function makeBus(options: BusOptions, node: NodeInfo): Bus {
  if (options.type !== 'memory')
    throw new Error(`bus.type: ${options.type} is not supported by this version, only memory`);
  return new MemoryBus(node.nodeId);
}

function report(bus: Bus): Record<string, unknown> {
  const { status, type } = bus.health();
  return { type, nodes: bus.nodes().length, degraded: status !== 'up' };
}
