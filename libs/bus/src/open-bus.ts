import type { Bus } from './bus.js';
import { MemoryBus } from './memory/memory-bus.js';

/** What carries events between nodes. `workers`: the processes that one primary has forked. */
export type BusType = 'memory' | 'nats' | 'redis' | 'workers';

export interface BusAddress {
  readonly type: BusType;
  /** Where the broker is; not needed for `memory` and `workers`. */
  readonly url?: string;
}

/**
 * Opens the bus of a type, and waits for its broker, but not for long. What a node does not use is not even loaded.
 * @throws Error without a URL where one is needed, or with one that is none
 */
export async function openBus({ type, url }: BusAddress, nodeId: string): Promise<Bus> {
  if (type === 'memory') return new MemoryBus(nodeId);
  if (type === 'workers') {
    const { WorkersBus } = await import('./workers/workers-bus.js');
    return new WorkersBus(nodeId).opened();
  }
  if (url === undefined) throw new Error(`bus.url: required because bus.type is ${type}`);
  if (type === 'nats') {
    const { NatsBus } = await import('./nats/nats-bus.js');
    return new NatsBus(nodeId, url).opened();
  }
  const { RedisBus } = await import('./redis/redis-bus.js');
  return new RedisBus(nodeId, url).opened();
}
