import { setTimeout as sleep } from 'node:timers/promises';
import { HubbubConfig } from '@hubbub/config';
import { HealthRegistry } from '@hubbub/observability';
import { Injectable, Logger, type OnModuleDestroy, Optional } from '@nestjs/common';
import type { Connection } from './connection.js';
import { Connections } from './connections.js';
import { BATCH_EVERY_MS, planDrain } from './drain-plan.js';
import { DrainState } from './drain-state.js';
import { Push } from './push.js';
import { Wire } from './wire.service.js';

type Flush = () => void | Promise<void>;

/**
 * Orderly shutdown (DESIGN §4): no new connections, `draining` to clients in batches, close 1012, then whatever others have
 * to flush. It begins with `start`, at the latest when the application is closed: before the HTTP server stops and before
 * `onApplicationShutdown`, where what serves connections should be released.
 */
@Injectable()
export class Drain implements OnModuleDestroy {
  private readonly logger = new Logger('Drain');
  private readonly flushes: Flush[] = [];
  private readonly listeners: (() => void)[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly current: DrainState,
    private readonly config: HubbubConfig,
    private readonly connections: Connections,
    private readonly wire: Wire,
    @Optional() health?: HealthRegistry,
  ) {
    health?.register({ name: 'draining', ready: true, check: () => this.check() });
  }

  get state(): DrainState['state'] {
    return this.current.state;
  }

  /** Calls `listener` when the drain begins. */
  onStart(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Calls `flush` once all connections have closed; waited for as long as `drain.timeout_ms` lasts. In order. */
  onFlush(flush: Flush): void {
    this.flushes.push(flush);
  }

  /** Drains this node. The same promise at every call; it never rejects. */
  start(): Promise<void> {
    this.running ??= this.run();
    return this.running;
  }

  async onModuleDestroy(): Promise<void> {
    await this.start();
  }

  private async check(): Promise<Record<string, unknown>> {
    if (this.current.isDraining) throw new Error('the node is going away');
    return { connections: this.connections.count };
  }

  private async run(): Promise<void> {
    const { timeoutMs } = this.config.drain;
    const deadline = performance.now() + timeoutMs;
    this.current.state = 'draining';
    for (const listener of this.listeners) listener();
    if (this.connections.count > 0) this.logger.log({ msg: 'draining', connections: this.connections.count });
    await this.sendAway(timeoutMs);
    await this.waitForSockets(deadline);
    this.wire.terminateClosing();
    await this.flush(deadline);
    this.current.state = 'drained';
  }

  private async sendAway(timeoutMs: number): Promise<void> {
    const all = [...this.connections.all()];
    const { batchSize, spreadMs, noticeMs } = planDrain(all.length, timeoutMs);
    const closing: Promise<void>[] = [];
    for (let at = 0; at < all.length; at += batchSize) {
      if (at > 0) await sleep(BATCH_EVERY_MS);
      closing.push(this.sendBatchAway(all.slice(at, at + batchSize), spreadMs, noticeMs));
    }
    await Promise.all(closing);
  }

  private async sendBatchAway(batch: Connection[], spreadMs: number, noticeMs: number): Promise<void> {
    for (const connection of batch) {
      connection.send(Push.of('draining', { reconnect_after_ms: Math.round(Math.random() * spreadMs) }));
    }
    // What clients have sent before they saw the push should still be answered.
    await sleep(noticeMs);
    for (const connection of batch) connection.close('ServiceRestart');
  }

  /** Until clients have answered their close frames; those that do not are not waited for long. */
  private async waitForSockets(deadline: number): Promise<void> {
    const until = Math.min(deadline, performance.now() + CLOSING_MS);
    while (this.wire.socketCount > 0 && performance.now() < until) await sleep(POLL_MS);
  }

  private async flush(deadline: number): Promise<void> {
    for (const flush of this.flushes) {
      const left = Math.max(0, deadline - performance.now());
      const timer = new AbortController();
      const expired = sleep(left, 'expired' as const, { signal: timer.signal }).catch(() => 'done' as const);
      try {
        const outcome = await Promise.race([Promise.resolve().then(flush), expired]);
        if (outcome === 'expired') this.logger.warn({ msg: 'drain timed out before everything was flushed' });
      } catch (error) {
        this.logger.error({ msg: 'flush at drain failed', err: error });
      } finally {
        timer.abort();
      }
    }
  }
}

/** How long sockets may take to close once the last close frame was sent. */
const CLOSING_MS = 1000;
const POLL_MS = 10;
