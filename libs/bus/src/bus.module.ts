import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from './bus.js';
import { Control } from './control.js';
import { MemoryBus } from './memory/memory-bus.js';
import { NodeInfo } from './node-info.js';

export interface BusOptions {
  /** Only `memory` so far: one node. */
  readonly type: string;
  /** @default host name and a random suffix: two processes on one host are two nodes */
  readonly nodeId?: string;
  readonly version: string;
}

function makeBus(options: BusOptions, node: NodeInfo): Bus {
  if (options.type !== 'memory')
    throw new Error(`bus.type: ${options.type} is not supported by this version, only memory`);
  return new MemoryBus(node.nodeId);
}

@Module({})
export class BusModule implements OnApplicationShutdown {
  constructor(private readonly bus: Bus) {}

  static forRoot(options: BusOptions): DynamicModule {
    const node = new NodeInfo(options.nodeId || `${hostname()}-${randomBytes(3).toString('hex')}`, options.version);
    return {
      module: BusModule,
      global: true,
      providers: [
        { provide: NodeInfo, useValue: node },
        { provide: Bus, useFactory: () => makeBus(options, node) },
        Control,
      ],
      exports: [NodeInfo, Bus, Control],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}
