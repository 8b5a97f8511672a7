import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeInfo } from '@hubbub/bus';
import { ConfigError, HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { Database, isUniqueViolation } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClusterEvents } from './cluster-events.js';
import { type Lease, type LeaseTimes, leaseTimes } from './lease.js';
import { LeaseWatch } from './lease-watch.js';
import { nodeStore } from './node-store.js';

/** This node's own lease. */
@Injectable()
export class NodeLease {
  readonly times: LeaseTimes;
  /** Null while this node has none. */
  private incarnation: string | null = null;
  private sureUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly node: NodeInfo,
    private readonly database: Database,
    private readonly events: ClusterEvents,
    config: HubbubConfig,
  ) {
    this.times = leaseTimes(config.cluster.nodeTimeoutMs);
    if (!node.clustered) this.sureUntil = Number.POSITIVE_INFINITY;
  }

  /** Until when nobody can take this node for dead, by `performance.now()`. A lone node: for ever. */
  get certainUntil(): number {
    return this.sureUntil;
  }

  /** Whether this node is sure that nobody has taken it for dead. */
  get isCertain(): boolean {
    return performance.now() < this.sureUntil;
  }

  /**
   * Makes sure, in a transaction that stores something in this node's name, that the name is still its own at the commit. To
   * be called first: who removes a node locks its lease before what it held. A lone node has nothing to make sure of.
   * @throws HubbubError ServerError: this node was taken for dead
   */
  async hold(manager: EntityManager): Promise<void> {
    if (!this.node.clustered) return;
    const { nodeId } = this.node;
    const { incarnation } = this;
    if (incarnation !== null && (await nodeStore.hold(manager, { nodeId, incarnation }))) return;
    throw new HubbubError('ServerError', { message: 'This node was taken for dead and is coming back.' });
  }

  /**
   * Takes the lease. Where there is one of this name already, it looks whether somebody beats: an earlier process of the
   * same name that died is removed, after as long as others take to notice.
   * @throws ConfigError if another process has this name; HubbubError ServerError
   */
  async acquire(): Promise<void> {
    const watch = new LeaseWatch(this.times);
    let first: Lease | null = null;
    for (;;) {
      const beganAt = performance.now();
      const found = await this.database.read((manager) => nodeStore.find(manager, this.node.nodeId));
      if (found !== null && first !== null && !isSame(found, first)) throw inUse(this.node.nodeId);
      first = found;
      const isFree = found === null || watch.look([found], beganAt, performance.now()).length > 0;
      if (isFree && (await this.take(found))) return;
      await sleep(this.times.beatMs);
    }
  }

  /** Beats. @returns false if the lease is gone: somebody took this node for dead. @throws HubbubError ServerError */
  async renew(): Promise<boolean> {
    const { incarnation } = this;
    if (incarnation === null) return false;
    const beganAt = performance.now();
    const lease = { nodeId: this.node.nodeId, incarnation };
    const isHeld = await this.database.transaction((manager) => nodeStore.raise(manager, lease));
    // A late answer about an earlier lease says nothing about this one.
    if (incarnation !== this.incarnation) return true;
    if (isHeld) this.sureUntil = beganAt + this.times.certainMs;
    else this.forget();
    return isHeld;
  }

  /** Gives the lease up: this node goes. @throws HubbubError ServerError: then the others will notice */
  async release(): Promise<void> {
    const { incarnation } = this;
    if (incarnation === null) return;
    this.forget();
    const { nodeId } = this.node;
    const wasThere = await this.database.transaction(async (manager) => {
      if (!(await nodeStore.remove(manager, { nodeId, incarnation }))) return false;
      await this.events.nodeRemoved(manager, nodeId);
      return true;
    });
    if (wasThere) this.events.nodeGone(nodeId);
  }

  private async take(stopped: Lease | null): Promise<boolean> {
    const { nodeId } = this.node;
    const lease = { nodeId, incarnation: randomUUID(), beat: 0 };
    const beganAt = performance.now();
    try {
      const isTaken = await this.database.transaction(async (manager) => {
        if (stopped !== null && !(await nodeStore.removeStopped(manager, stopped))) return false;
        await this.events.nodeRemoved(manager, nodeId);
        await nodeStore.add(manager, lease);
        return true;
      });
      if (!isTaken) return false;
      if (stopped !== null) this.events.nodeGone(nodeId);
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
    this.incarnation = lease.incarnation;
    this.sureUntil = beganAt + this.times.certainMs;
    return true;
  }

  private forget(): void {
    this.incarnation = null;
    this.sureUntil = Number.NEGATIVE_INFINITY;
  }
}

function isSame(one: Lease, other: Lease): boolean {
  return one.incarnation === other.incarnation && one.beat === other.beat;
}

function inUse(nodeId: string): ConfigError {
  const message = `another node of the name ${nodeId} is running on this database: each needs a name of its own`;
  return new ConfigError([{ key: 'cluster.node_id', message }]);
}
