import { Control, NodeInfo } from '@hubbub/bus';
import { ClusterClock, OnlineDirectory } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { type Connection, Connections } from '@hubbub/transport';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Seat, surplusOf } from './surplus.js';

const SEATS = 'user_seats';
const REPLACE = 'replace_connections';
/** Until what was closed is known to the directory. */
const SOON_MS = 50;

/**
 * `limits.connections_per_user` where the connections of a user are at several nodes: once the directory says that they are
 * too many, one of these nodes asks all which there are, and has the surplus closed. A lone node has no use for it.
 */
@Injectable()
export class UserLimit implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(UserLimit.name);
  /** Since when a connection has its identity, by the clock of the cluster. */
  private readonly since = new WeakMap<Connection, number>();
  /** Of users who are looked after here now: when to look again. */
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private isClosed = false;

  constructor(
    private readonly node: NodeInfo,
    private readonly connections: Connections,
    private readonly directory: OnlineDirectory,
    private readonly control: Control,
    private readonly clock: ClusterClock,
    private readonly config: HubbubConfig,
  ) {}

  onModuleInit(): void {
    if (!this.node.clustered) return;
    this.control.handle(SEATS, ({ userId }: { userId: string }) => this.seatsOf(userId));
    this.control.handle(REPLACE, ({ ids }: { ids: readonly string[] }) => {
      for (const id of ids) this.connections.get(id)?.close('Replaced');
    });
    this.connections.onIdentified((connection) => {
      if (!this.since.has(connection)) this.since.set(connection, this.clock.now());
    });
    this.directory.onShared((userId) => {
      if (!this.timers.has(userId) && this.isOurs(userId)) this.lookIn(userId, 0);
    });
  }

  onModuleDestroy(): void {
    this.isClosed = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  /** Whether a user seems to have too many connections, and it is this node, the first of those that have any, to see to it. */
  private isOurs(userId: string): boolean {
    const here = this.connections.ofUser(userId).size;
    if (here === 0 || here + this.directory.elsewhere(userId) <= this.config.limits.connectionsPerUser) return false;
    return this.directory.nodesOf(userId).every((nodeId) => this.node.nodeId < nodeId);
  }

  private lookIn(userId: string, ms: number): void {
    if (this.isClosed) return;
    this.timers.set(userId, setTimeout(() => void this.look(userId), ms).unref());
  }

  private async look(userId: string): Promise<void> {
    if (!this.isOurs(userId)) {
      this.timers.delete(userId);
      return;
    }
    const closed = await this.closeSurplus(userId).catch((error: unknown) => {
      this.logger.debug({ msg: 'the connections of a user could not be counted', err: error });
      return 0;
    });
    // Nothing to close: the directory, or what the nodes answered, is behind.
    this.lookIn(userId, closed > 0 ? SOON_MS : this.config.cluster.repairMs);
  }

  private async closeSurplus(userId: string): Promise<number> {
    const { results } = await this.control.call<readonly Seat[]>(SEATS, { userId });
    const { connectionsPerUser, connectionsPerUserPolicy } = this.config.limits;
    const ids = surplusOf(results.flat(), connectionsPerUser, connectionsPerUserPolicy);
    if (ids.length > 0) await this.control.call(REPLACE, { ids });
    return ids.length;
  }

  private seatsOf(userId: string): readonly Seat[] {
    return Array.from(this.connections.ofUser(userId), (connection) => ({
      id: connection.id,
      since: this.since.get(connection) ?? 0,
    }));
  }
}
