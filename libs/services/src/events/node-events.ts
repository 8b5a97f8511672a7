import { NodeInfo } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Events } from './events.service.js';

/**
 * Tells of nodes that come and go. In a cluster a node comes with its lease, again after it was taken for dead, and its
 * going is told by whoever ended the lease.
 */
@Injectable()
export class NodeEvents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly events: Events,
    private readonly node: NodeInfo,
    cluster: ClusterEvents,
  ) {
    cluster.onReady(() => this.joined());
    cluster.onNodeGone((nodeId) => this.left(nodeId));
  }

  onApplicationBootstrap(): void {
    if (!this.node.clustered) this.joined();
  }

  beforeApplicationShutdown(): void {
    if (!this.node.clustered) this.left(this.node.nodeId);
  }

  private joined(): void {
    const { nodeId, version } = this.node;
    this.events.tell('node_joined', nodeId, { node_id: nodeId, version });
  }

  private left(nodeId: string): void {
    this.events.tell('node_left', nodeId, { node_id: nodeId });
  }
}
