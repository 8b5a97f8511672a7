import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { CLOSE } from '@hubbub/protocol';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { ConnectionEnd } from './command-connection.js';
import { CommandRouter, PAUSE_AT } from './command-router.js';
import type { Connection, ConnectionHost } from './connection.js';
import { Connections } from './connections.js';
import { Deadlines, type Timed } from './deadlines.js';
import { FlushScheduler } from './flush-scheduler.js';
import { Heartbeat } from './heartbeat.js';
import { FrameChain } from './send-queue.js';
import { SlowConsumers } from './slow-consumers.js';

/** How often heartbeats and slow consumers are looked at. */
const TICK_MS = 100;

/** Codes that are counted each for itself: clients may make up others. RFC 6455's, and ours. */
const CODES = new Set([
  1000,
  1001,
  1002,
  1003,
  1005,
  1006,
  1007,
  1008,
  1011,
  ...Object.values(CLOSE).map((row) => row.code),
]);

/** A connection that has to say who it is. */
interface Unidentified extends Timed {
  readonly connection: Connection;
}

/** What the connections of this node share: the flush, heartbeats, limits, counters. One timer for all of them. */
@Injectable()
export class Wire implements ConnectionHost, OnApplicationShutdown {
  readonly chain = new FrameChain();
  private readonly logger = new Logger('Wire');
  private readonly flushes: FlushScheduler<Connection>;
  private readonly heartbeat: Heartbeat<Connection>;
  private readonly slow = new SlowConsumers<Connection>();
  private readonly unidentified = new Map<Connection, Unidentified>();
  private readonly deadlines: Deadlines<Unidentified>;
  /** Ended, with a socket that has not closed yet. */
  private readonly closing = new Set<Connection>();
  private readonly timer: NodeJS.Timeout;
  private readonly stopListening: () => void;

  constructor(
    private readonly config: HubbubConfig,
    private readonly connections: Connections,
    private readonly router: CommandRouter,
    readonly metrics: Metrics,
  ) {
    const now = (): number => performance.now();
    const clock = {
      now,
      atEndOfTurn: (callback: () => void) => void setImmediate(callback),
      later: (callback: () => void, ms: number) => void setTimeout(callback, ms),
    };
    this.flushes = new FlushScheduler(
      clock,
      () => config.limits.flushMs,
      () => this.chain.clear(),
    );
    this.heartbeat = new Heartbeat({
      intervalMs: () => config.heartbeat.intervalMs,
      timeoutMs: () => config.heartbeat.timeoutMs,
      lost: (connection) => connection.close('HeartbeatLost'),
      random: Math.random,
      tickMs: TICK_MS,
      startedAt: now(),
    });
    this.deadlines = new Deadlines({
      limitMs: () => config.auth.deadlineMs,
      now,
      expire: ({ connection }) => connection.close('NotAuthenticated'),
      schedule: (callback, ms) => {
        const timer = setTimeout(callback, ms).unref();
        return () => clearTimeout(timer);
      },
    });
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
    this.stopListening = config.onChange((changed) => {
      if (changed.includes('auth.deadline_ms')) this.deadlines.refresh();
    });
    metrics.connections.collect(() => connections.count);
    metrics.users.collect(() => connections.userCount);
    connections.onIdentified((connection) => this.identified(connection));
    router.listenToRelief((connection) => (connection as Connection).resume());
  }

  get sendBufferBytes(): number {
    return this.config.limits.sendBufferBytes;
  }

  /** Connections whose socket is open, also those that have ended and are closing. */
  get socketCount(): number {
    return this.connections.count + this.closing.size;
  }

  /**
   * Takes a connection into service: it has been opened.
   * @param request the upgrade, for gateways' `handleConnection`
   */
  opened(connection: Connection, request: unknown): void {
    this.heartbeat.add(connection);
    if (connection.identity === null) {
      const waiting = { connection, startedAt: performance.now(), earlier: null, later: null };
      this.unidentified.set(connection, waiting);
      this.deadlines.add(waiting);
    }
    this.connections.announceOpen(connection);
    this.router.open(connection, request);
  }

  received(connection: Connection, text: string): void {
    this.router.handle(connection, text);
    if (this.router.queued(connection) >= PAUSE_AT) connection.pause();
  }

  admitControl(connection: Connection): boolean {
    return this.router.admitControl(connection);
  }

  schedule(connection: Connection, urgent: boolean): void {
    if (urgent) this.flushes.addUrgent(connection);
    else this.flushes.add(connection);
  }

  congestion(connection: Connection, backlogBytes: number): void {
    if (this.slow.measure(connection, backlogBytes, this.sendBufferBytes, performance.now())) this.cut(connection);
  }

  ended(connection: Connection, end: ConnectionEnd, wasOpen: boolean): void {
    // A refused upgrade was no connection yet: a flood of bad tokens must not look like connections lost.
    if (wasOpen) this.metrics.closes.inc({ code: CODES.has(end.code) ? end.code : 'other' });
    this.heartbeat.remove(connection);
    this.slow.forget(connection);
    this.identified(connection);
    if (wasOpen) this.closing.add(connection);
    // Rooms are left before the disconnect hooks run: for an application the end of the connection comes last.
    this.connections.remove(connection, end);
    if (wasOpen) this.router.end(connection, end);
  }

  gone(connection: Connection): void {
    this.closing.delete(connection);
  }

  /** Writes all that is owed now. */
  flush(): void {
    this.flushes.flushAll();
  }

  /** Cuts the sockets that have not closed by themselves. */
  terminateClosing(): void {
    for (const connection of this.closing) connection.terminate();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.deadlines.close();
    this.stopListening();
    for (const connection of this.connections.all()) connection.close('GoingAway');
    this.terminateClosing();
  }

  private identified(connection: Connection): void {
    const waiting = this.unidentified.get(connection);
    if (waiting === undefined) return;
    this.unidentified.delete(connection);
    this.deadlines.remove(waiting);
  }

  private cut(connection: Connection): void {
    this.metrics.slowConsumers.inc();
    this.logger.debug({
      msg: 'slow consumer closed',
      connectionId: connection.id,
      queueBytes: connection.backlogBytes,
    });
    connection.close('SlowConsumer');
  }

  private tick(): void {
    const now = performance.now();
    this.heartbeat.advance(now);
    for (const connection of this.slow.check(this.sendBufferBytes, now)) this.cut(connection);
  }
}
