import { Control, type MemoryBroker, MemoryBus, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import type { Database } from '@hubbub/storage';
import { ClusterClock } from '../cluster-clock.js';
import { ClusterContact } from '../cluster-contact.js';
import { ClusterEvents } from '../cluster-events.js';
import { NodeLease } from '../node-lease.js';
import { NodeRegistry } from '../node-registry.js';
import { OnlineDirectory } from '../online-directory.js';

export interface ClusterNodeOptions {
  readonly nodeTimeoutMs?: number;
  readonly repairMs?: number;
}

/** What a node of a cluster consists of, by hand: on a given database and broker, and nothing starts by itself. */
export function clusterNode(
  nodeId: string,
  database: Database,
  broker: MemoryBroker,
  { nodeTimeoutMs = 1000, repairMs = 200 }: ClusterNodeOptions = {},
) {
  const config = HubbubConfig.from({ cluster: { nodeTimeoutMs, repairMs } });
  const info = new NodeInfo(nodeId, '0', true);
  const nodes = new Nodes(nodeId);
  const bus = new MemoryBus(nodeId, broker);
  const events = new ClusterEvents();
  const clock = new ClusterClock();
  const lease = new NodeLease(info, database, events, config);
  const contact = new ClusterContact(info, database, lease, events);
  const registry = new NodeRegistry(
    info,
    nodes,
    bus,
    new Control(bus, nodes, info),
    database,
    lease,
    clock,
    contact,
    events,
    new HealthRegistry(),
    new Metrics(),
  );
  const online = new OnlineDirectory(info, nodes, bus, events, config);
  /** What was told, in order: `fenced`, `ready`, `replaced`, `+n2`, `-n2`. */
  const told: string[] = [];
  const watchers = new Set<() => void>();
  const tell = (word: string) => {
    told.push(word);
    for (const watcher of watchers) watcher();
  };
  events.onFenced(() => tell('fenced'));
  events.onReady(() => tell('ready'));
  events.onReplaced(() => tell('replaced'));
  nodes.onJoined((other) => tell(`+${other}`));
  nodes.onGone((other) => tell(`-${other}`));
  return {
    info,
    nodes,
    bus,
    events,
    clock,
    contact,
    lease,
    registry,
    online,
    told,
    start: async () => {
      online.onModuleInit();
      await registry.onApplicationBootstrap();
    },
    stop: async () => {
      online.onModuleDestroy();
      await registry.beforeApplicationShutdown();
      await bus.close();
    },
    /** Resolves once `word` has been told so often. */
    until: (word: string, times = 1) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (told.filter((one) => one === word).length < times) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

export type ClusterNode = ReturnType<typeof clusterNode>;
