import { NodeInfo } from '@hubbub/bus';
import { OnlineDirectory } from '@hubbub/cluster';
import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { OnlineNews } from './online-news.js';

/** How many users are connected, to all nodes together, told to those who watch. */
@Injectable()
export class OnlineService implements OnModuleInit, OnModuleDestroy {
  private readonly news = new OnlineNews<Connection>();
  /** One for all watchers: runs from a change until they are told. */
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly node: NodeInfo,
    private readonly connections: Connections,
    private readonly directory: OnlineDirectory,
  ) {}

  onModuleInit(): void {
    if (this.node.clustered) this.share();
    this.connections.onUserOnline(() => this.changed());
    this.connections.onUserOffline(() => this.changed());
    this.connections.onClosed((connection) => this.news.unwatch(connection));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  /** Users connected. */
  get count(): number {
    return this.node.clustered ? this.directory.count : this.connections.userCount;
  }

  /** Starts or ends telling `connection` of changes; one that has ended is forgotten by itself. */
  watch(connection: Connection, enabled: boolean): void {
    if (!enabled) this.news.unwatch(connection);
    else if (connection.isOpen) this.news.watch(connection, this.count);
  }

  /** Tells the directory of the users here, and hears from it of those elsewhere. */
  private share(): void {
    const told = (userId: string) => this.directory.set(userId, this.connections.ofUser(userId).size);
    this.connections.onUserOnline(told);
    this.connections.onUserOffline(told);
    this.connections.onIdentified(({ identity }) => told(identity?.userId ?? ''));
    this.connections.onClosed(({ identity }) => {
      // When it counts no more: it does while listeners are told.
      if (identity !== null) queueMicrotask(() => told(identity.userId));
    });
    this.connections.countElsewhere = (userId) => this.directory.elsewhere(userId);
    this.directory.onCount(() => this.changed());
  }

  private changed(): void {
    if (this.timer !== undefined) return;
    const wait = this.news.dueIn(performance.now());
    if (wait === null) return;
    this.timer = setTimeout(() => this.tell(), wait);
    this.timer.unref();
  }

  private tell(): void {
    this.timer = undefined;
    const { count } = this;
    const watchers = this.news.tell(count, performance.now());
    if (watchers === null) return;
    const push = Push.of('online', { count });
    for (const watcher of watchers) watcher.send(push);
  }
}
