import { Bus, Control, NodeInfo, Nodes } from '@hubbub/bus';
import { ConfigError } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { syncSubject } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ClusterClock } from './cluster-clock.js';
import { ClusterContact } from './cluster-contact.js';
import { ClusterEvents } from './cluster-events.js';
import type { Lease } from './lease.js';
import { LeaseWatch } from './lease-watch.js';
import { NodeLease } from './node-lease.js';
import { nodeStore } from './node-store.js';
import { within } from './within.js';

/** That a node came or went: the others look at once. */
const SUBJECT = syncSubject('nodes');

/**
 * Keeps this node's lease, looks at those of the others, removes the dead, and finds out when this node itself was taken
 * for dead. A lone node does none of this.
 */
@Injectable()
export class NodeRegistry implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  /**
   * Until when commands may start without asking `confirm`, by `performance.now()`: in the past after this process was
   * stopped for so long that others may have taken it for dead.
   */
  servesUntil = Number.POSITIVE_INFINITY;
  private readonly logger = new Logger('Cluster');
  private readonly watch: LeaseWatch;
  private lastLook = Number.NEGATIVE_INFINITY;
  private incarnations = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private coming: Promise<void> | null = null;
  /** Who is to be told that this node is a member again. */
  private readonly waiting: (() => void)[] = [];
  private confirming: Promise<void> | null = null;
  private isTicking = false;
  private wasHinted = false;
  private isFailing = false;
  private state: 'apart' | 'member' | 'fenced' | 'replaced' | 'gone' = 'apart';

  constructor(
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly bus: Bus,
    private readonly control: Control,
    private readonly database: Database,
    private readonly lease: NodeLease,
    private readonly clock: ClusterClock,
    private readonly contact: ClusterContact,
    private readonly events: ClusterEvents,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
  ) {
    metrics.nodes.collect(() => nodes.alive().length);
    this.watch = new LeaseWatch(lease.times);
  }

  onModuleInit(): void {
    if (this.node.clustered) this.health.register({ name: 'cluster', ready: true, check: async () => this.check() });
  }

  /** @throws ConfigError if another process has this node's name */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.node.clustered) return;
    await this.lease.acquire();
    await this.control.listen();
    await this.bus.subscribe(SUBJECT, (payload) => {
      if (Buffer.from(payload).toString() !== this.node.nodeId) this.lookSoon();
    });
    this.wait(this.lease.times.beatMs);
    await this.look();
    await this.join();
  }

  /** Connections are gone by now, and what they had stored is stored. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.node.clustered) return;
    this.state = 'gone';
    clearTimeout(this.timer);
    try {
      await this.lease.release();
      this.hint();
    } catch (error) {
      this.logger.warn({ msg: 'the node could not sign off: the others will notice', err: error });
    }
  }

  /** Resolves once it is known again whether this node was taken for dead, or cannot be found out now. Never rejects. */
  confirm(): Promise<void> {
    this.confirming ??= this.findOut().finally(() => {
      this.confirming = null;
    });
    return this.confirming;
  }

  private async findOut(): Promise<void> {
    // What is under way may have begun before the pause.
    await this.current;
    if (performance.now() >= this.servesUntil) await this.round();
    // Without its lease, or in a name that is another's, it serves nobody.
    if (this.state !== 'member') await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private wait(ms: number): void {
    clearTimeout(this.timer);
    if (this.state === 'gone' || this.state === 'replaced') return;
    this.timer = setTimeout(() => void this.tick(), ms);
    this.timer.unref();
  }

  private lookSoon(): void {
    if (this.isTicking) this.wasHinted = true;
    else this.wait(0);
  }

  private async tick(): Promise<void> {
    const beganAt = performance.now();
    this.isTicking = true;
    this.wasHinted = false;
    await this.round();
    this.isTicking = false;
    this.wait(this.wasHinted ? 0 : Math.max(0, beganAt + this.lease.times.beatMs - performance.now()));
  }

  /** One beat and one look. Never rejects, and never takes long: a connection that hangs must not look like death. */
  private round(): Promise<void> {
    const { beatMs, longestGapMs } = this.lease.times;
    this.current = within(longestGapMs, this.beatAndLook()).then(
      () => this.succeeded(),
      (error: unknown) => {
        // As nobody can be asked, it serves what it can until it asks again.
        if (this.state === 'member') this.servesUntil = performance.now() + 2 * beatMs;
        this.failed(error);
      },
    );
    return this.current;
  }

  private async beatAndLook(): Promise<void> {
    if (this.state === 'gone') return;
    if (!(await this.lease.renew())) return this.comeBack();
    if (this.state === 'member') this.servesUntil = this.lease.certainUntil;
    await this.clock.measure(this.database);
    await this.look();
  }

  private async look(): Promise<void> {
    const beganAt = performance.now();
    const { leases, generation } = await this.database.read(async (manager) => {
      return { leases: await nodeStore.all(manager), generation: await nodeStore.generation(manager) };
    });
    const dead = this.watch.look(leases, beganAt, performance.now());
    const removed = new Set<Lease>();
    for (const lease of dead) {
      if (lease.nodeId !== this.node.nodeId && (await this.remove(lease))) removed.add(lease);
    }
    // Of two at once, as one was given up, the later knows better.
    if (this.state === 'gone' || beganAt < this.lastLook) return;
    this.lastLook = beganAt;
    this.update(leases.filter((lease) => !removed.has(lease)));
    this.contact.looked(beganAt, generation);
  }

  /** @returns whether it was this node that removed it, and not one that was faster */
  private async remove(lease: Lease): Promise<boolean> {
    const isRemoved = await this.database.transaction(async (manager) => {
      if (!(await nodeStore.removeStopped(manager, lease))) return false;
      await this.events.nodeRemoved(manager, lease.nodeId);
      return true;
    });
    if (!isRemoved) return false;
    this.events.nodeGone(lease.nodeId);
    this.metrics.nodesRemoved.inc();
    this.logger.warn({ msg: 'node taken for dead', nodeId: lease.nodeId });
    this.hint();
    return true;
  }

  private update(leases: readonly Lease[]): void {
    const alive = leases.map(({ nodeId }) => nodeId);
    // One that went and came back between two looks has forgotten everything, and is to be forgotten.
    const isNew = ({ nodeId, incarnation }: Lease) => (this.incarnations.get(nodeId) ?? incarnation) !== incarnation;
    const anew = new Set(leases.filter(isNew).map(({ nodeId }) => nodeId));
    this.incarnations = new Map(leases.map(({ nodeId, incarnation }) => [nodeId, incarnation]));
    if (anew.size > 0) this.nodes.update(alive.filter((nodeId) => !anew.has(nodeId)));
    this.nodes.update(alive);
  }

  /** This node's lease is gone. */
  private comeBack(): Promise<void> {
    if (this.state === 'gone' || this.state === 'replaced') return Promise.resolve();
    if (this.state !== 'fenced') {
      this.metrics.fenced.inc();
      this.logger.warn({ msg: 'this node was taken for dead, and comes back' });
    }
    this.state = 'fenced';
    this.servesUntil = Number.NEGATIVE_INFINITY;
    this.coming ??= this.rejoin().finally(() => {
      this.coming = null;
    });
    return this.coming;
  }

  private async rejoin(): Promise<void> {
    await this.events.fenced();
    try {
      await this.lease.acquire();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.state = 'replaced';
      this.logger.error({ msg: 'another process has the name of this node, which serves nobody any more', err: error });
      return this.events.replaced();
    }
    await this.join();
  }

  private async join(): Promise<void> {
    await this.events.ready();
    if (this.state === 'gone') return;
    this.state = 'member';
    this.servesUntil = this.lease.certainUntil;
    for (const resolve of this.waiting.splice(0)) resolve();
    this.hint();
  }

  private hint(): void {
    try {
      this.bus.publish(SUBJECT, Buffer.from(this.node.nodeId));
    } catch {
      // They find it in the database, half a second later.
    }
  }

  private check(): Record<string, unknown> {
    if (this.state === 'replaced') throw new Error('another process has the name of this node');
    return { node_id: this.node.nodeId, nodes: this.nodes.alive().length, degraded: !this.lease.isCertain };
  }

  private succeeded(): void {
    if (this.isFailing) this.logger.log({ msg: 'the leases of the nodes can be read again' });
    this.isFailing = false;
  }

  /** Logged when it begins: that the database is away is said by others too. */
  private failed(error: unknown): void {
    if (!this.isFailing && this.state !== 'gone') {
      this.logger.warn({ msg: 'the leases of the nodes cannot be read: nobody is taken for dead', err: error });
    }
    this.isFailing = true;
  }
}
