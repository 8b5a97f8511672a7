import { Control, MemoryBroker, MemoryBus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig, type PartialConfig } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { FaultyBus } from '@hubbub/testing';
import { Caches, type SharedCaches } from '../caches.js';
import { Contact } from '../contact.js';

/** As it is set. */
export class ManualContact extends Contact {
  generation: number | null = 1;
  until = Number.POSITIVE_INFINITY;
  renounced = 0;

  override async renounce(): Promise<void> {
    this.renounced++;
  }
}

export interface CachesNodeOptions {
  /** Of all nodes that are to hear of each other. */
  readonly broker?: MemoryBroker;
  /** Ids of all nodes. @default this one alone */
  readonly alive?: readonly string[];
  readonly cache?: PartialConfig['cache'];
  readonly shared?: SharedCaches | null;
}

/** The caches of a node, by hand, on a bus that can fail. */
export async function cachesNode(nodeId = 'a', options: CachesNodeOptions = {}) {
  const { broker = new MemoryBroker(), alive = [nodeId], cache = {}, shared = null } = options;
  const config = HubbubConfig.from({ cache });
  const info = new NodeInfo(nodeId, '0', alive.length > 1);
  const nodes = new Nodes(nodeId);
  nodes.update(alive);
  const bus = new FaultyBus(new MemoryBus(nodeId, broker), nodeId);
  const control = new Control(bus, nodes, info);
  const metrics = new Metrics();
  const contact = new ManualContact();
  const caches = new Caches(config, info, control, metrics, new HealthRegistry(), contact, shared);
  caches.onModuleInit();
  await control.listen();
  return { bus, caches, contact, metrics, info };
}

export type CachesNode = Awaited<ReturnType<typeof cachesNode>>;
