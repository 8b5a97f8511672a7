import { Bus, NatsAccess, Nodes } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { Outbox } from '@hubbub/messages';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { syncSubject } from '@hubbub/protocol';
import { Drain } from '@hubbub/transport';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { EventStream } from '../nats/event-stream.js';
import { Relay, type RelayMonitor } from './relay.js';
import { RelayLease } from './relay-lease.js';

/** That something waits in the outbox: whoever relays looks at once. */
const SUBJECT = syncSubject('outbox');
/** Hints of a node to the one that relays are this far apart. */
const HINT_EVERY_MS = 5;
/** Passes in a row that carry nothing, before it waits: another relay may just have been at it. */
const IDLE_PASSES = 2;

/**
 * Sees to it that one node of the cluster carries the outbox into the stream: this one if it has the lease. It looks when
 * something was written, when the broker is back and every `cluster.repair_ms`, so that a hint which is lost does no harm.
 */
@Injectable()
export class OutboxRelay implements RelayMonitor, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Outbox');
  private stream: EventStream | null = null;
  private relay: Relay | null = null;
  private working: Promise<void> | null = null;
  private wasWoken = false;
  private holds = false;
  private isFailing = false;
  /** Whether nothing has failed since the last pass began. */
  private wentWell = true;
  private isLeaving = false;
  /** Since when the broker is away, by `performance.now()`; 0 = it is there. */
  private awaySince = 0;
  private timer: NodeJS.Timeout | undefined;
  private hint: NodeJS.Timeout | undefined;

  constructor(
    private readonly outbox: Outbox,
    private readonly lease: RelayLease,
    private readonly bus: Bus,
    private readonly nodes: Nodes,
    @Inject(NatsAccess) private readonly nats: NatsAccess | null,
    private readonly metrics: Metrics,
    private readonly config: HubbubConfig,
    private readonly drain: Drain,
    private readonly health: HealthRegistry,
    private readonly cluster: ClusterEvents,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { nats } = this;
    if (!this.outbox.enabled || nats === null) return;
    const check = async () => ({ degraded: this.isFailing || !nats.isConnected });
    this.health.register({ name: 'events', ready: false, check });
    this.drain.onFlush(() => this.leave());
    this.cluster.onFenced(() => {
      this.holds = false;
    });
    this.outbox.onWritten(() => this.written());
    this.bus.onReconnect(() => this.wake());
    // Another connection than before: the stream is opened anew on it.
    nats.onConnection(() => {
      this.closeStream();
      this.wake();
    });
    await this.bus.subscribe(SUBJECT, () => {
      if (this.holds) this.wake();
    });
    this.timer = setInterval(() => void this.tick(), this.config.cluster.repairMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isLeaving = true;
    clearInterval(this.timer);
    clearTimeout(this.hint);
    await this.working;
    this.closeStream();
  }

  acknowledged(durationMs: number): void {
    this.metrics.streamAckLatency.observe(durationMs / 1000);
    this.metrics.eventsPublished.inc();
  }

  failed(error: unknown): void {
    this.wentWell = false;
    this.metrics.relayErrors.inc();
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.warn({ msg: 'events are kept in the outbox until the stream takes them', err: error });
  }

  tooLarge(subject: string, bytes: number): void {
    this.metrics.relayErrors.inc();
    this.logger.error({ msg: 'an event is larger than the broker takes, and lost', subject, bytes });
  }

  /** Looks now. */
  private wake(): void {
    this.wasWoken = true;
    if (this.isLeaving) return;
    this.working ??= this.work().finally(() => {
      this.working = null;
    });
  }

  private written(): void {
    if (this.holds) return this.wake();
    this.hint ??= setTimeout(() => {
      this.hint = undefined;
      this.tellRelay();
    }, HINT_EVERY_MS).unref();
  }

  private tellRelay(): void {
    try {
      this.bus.publish(SUBJECT, new Uint8Array());
    } catch {
      // It looks by itself.
    }
  }

  private async tick(): Promise<void> {
    this.wake();
    const isAway = this.nats?.isConnected !== true;
    this.awaySince = isAway ? this.awaySince || performance.now() : 0;
    try {
      // Another node may reach the broker.
      if (isAway && this.holds && performance.now() - this.awaySince > this.config.cluster.nodeTimeoutMs) {
        this.holds = false;
        await this.lease.release();
      }
      this.metrics.outboxPending.set(this.holds || isAway ? await this.outbox.count() : 0);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    for (let idle = 0; this.wasWoken && !this.isLeaving; ) {
      this.wasWoken = false;
      const { left, more } = await this.pass();
      idle = left > 0 ? 0 : idle + 1;
      if (more && idle < IDLE_PASSES) this.wasWoken = true;
    }
  }

  private async pass(): Promise<{ left: number; more: boolean }> {
    const nothing = { left: 0, more: false };
    if (this.nats?.isConnected !== true) return nothing;
    this.wentWell = true;
    try {
      const done = await this.carry();
      if (this.wentWell) this.succeeded();
      return done ?? nothing;
    } catch (error) {
      this.failed(error);
      return nothing;
    } finally {
      // The stream may have been deleted: it is opened anew, which makes it.
      if (!this.wentWell) this.closeStream();
    }
  }

  /** @returns null where another node relays, or there is no stream now */
  private async carry(): Promise<{ left: number; more: boolean } | null> {
    this.holds = await this.lease.hold();
    if (!this.holds) return null;
    const relay = this.relay ?? (await this.openStream());
    return relay === null ? null : relay.pass();
  }

  /** Also where nothing waits, or another node relays: then this one has nothing to complain of. */
  private succeeded(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    this.logger.log({ msg: 'events leave the outbox again' });
  }

  private async openStream(): Promise<Relay | null> {
    const connection = this.nats?.connection;
    if (connection === undefined) return null;
    // Not loaded unless it is used.
    const { EventStream } = await import('../nats/event-stream.js');
    const stream = await EventStream.open(connection);
    if (this.nats?.connection !== connection) {
      stream.close();
      return null;
    }
    this.stream = stream;
    this.relay = new Relay(this.outbox, stream, this);
    return this.relay;
  }

  private closeStream(): void {
    this.stream?.close();
    this.stream = null;
    this.relay = null;
  }

  /** Until nothing waits, or what waits does not become less. */
  private async empty(): Promise<void> {
    let waits = await this.outbox.count();
    for (let before = Number.POSITIVE_INFINITY; waits > 0 && waits < before; ) {
      before = waits;
      this.wake();
      await this.working;
      waits = await this.outbox.count();
    }
  }

  /** Before this node goes: what waits is carried if nobody else can do it, and then the lease is somebody else's. */
  private async leave(): Promise<void> {
    if (this.nodes.alive().length === 1) await this.empty();
    this.isLeaving = true;
    await this.working;
    if (!this.holds) return;
    this.holds = false;
    await this.lease.release();
    this.tellRelay();
  }
}
