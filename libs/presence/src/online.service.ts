import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

/** At most one push in this time, however many come and go. */
const EVERY_MS = 1000;

/** How many users are connected, told to those who watch. */
@Injectable()
export class OnlineService implements OnModuleInit, OnModuleDestroy {
  private readonly watchers = new Set<Connection>();
  private told = 0;
  private toldAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly connections: Connections) {}

  onModuleInit(): void {
    this.connections.onUserOnline(() => this.changed());
    this.connections.onUserOffline(() => this.changed());
    this.connections.onClosed((connection) => this.watchers.delete(connection));
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
    if (!enabled) this.watchers.delete(connection);
    else if (connection.isOpen) {
      if (this.watchers.size === 0) this.told = this.count;
      this.watchers.add(connection);
    }
  }

  private changed(): void {
    if (this.timer !== undefined || this.watchers.size === 0) return;
    const wait = Math.max(0, this.toldAt + EVERY_MS - performance.now());
    this.timer = setTimeout(() => this.tell(), wait);
    this.timer.unref();
  }

  private tell(): void {
    this.timer = undefined;
    if (this.count === this.told) return;
    this.told = this.count;
    this.toldAt = performance.now();
    const push = Push.of('online', { count: this.told });
    for (const watcher of this.watchers) watcher.send(push);
  }
}
