import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { OnlineNews } from './online-news.js';

/** How many users are connected, told to those who watch. */
@Injectable()
export class OnlineService implements OnModuleInit, OnModuleDestroy {
  private readonly news = new OnlineNews<Connection>();
  /** One for all watchers: runs from a change until they are told. */
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly connections: Connections) {}

  onModuleInit(): void {
    this.connections.onUserOnline(() => this.changed());
    this.connections.onUserOffline(() => this.changed());
    this.connections.onClosed((connection) => this.news.unwatch(connection));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  /** Users connected. */
  get count(): number {
    return this.connections.userCount;
  }

  /** Starts or ends telling `connection` of changes; one that has ended is forgotten by itself. */
  watch(connection: Connection, enabled: boolean): void {
    if (!enabled) this.news.unwatch(connection);
    else if (connection.isOpen) this.news.watch(connection, this.count);
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
