import { NodeInfo } from '@hubbub/bus';
import { ClusterEvents, NodeLease } from '@hubbub/cluster';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { relayLeaseStore } from './relay-lease-store.js';

/**
 * Says which node of the cluster relays: whoever takes the lease first, until it gives it up or is taken for dead. It saves
 * work and not correctness: two relays at once only get into each other's way.
 */
@Injectable()
export class RelayLease {
  constructor(
    private readonly database: Database,
    private readonly node: NodeInfo,
    private readonly nodeLease: NodeLease,
    events: ClusterEvents,
  ) {
    events.onNodeRemoved((manager, nodeId) => relayLeaseStore.free(manager, nodeId));
  }

  /** Whether this node has the lease; takes it if nobody has. @throws HubbubError ServerError */
  async hold(): Promise<boolean> {
    const holder = await this.database.read((manager) => relayLeaseStore.holder(manager));
    if (holder !== null) return holder === this.node.nodeId;
    return this.database.transaction(async (manager) => {
      await this.nodeLease.hold(manager);
      return relayLeaseStore.take(manager, this.node.nodeId);
    });
  }

  /** Gives the lease up. @throws HubbubError ServerError */
  async release(): Promise<void> {
    await this.database.transaction((manager) => relayLeaseStore.free(manager, this.node.nodeId));
  }
}
