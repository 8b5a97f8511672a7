import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { ClientNats } from '@nestjs/microservices';
import type { BrokerLink, LinkEvents } from '../broker/broker-link.js';
import { MAX_PAYLOAD_BYTES } from '../bus.js';
import type { NatsAccess } from './nats-access.js';
import { type NatsServers, natsServers } from './nats-servers.js';

const CONNECT_TIMEOUT_MS = 2000;
const RETRY_MS = 250;

/** Nest's client, whose reports of every event of the connection would be errors in the log: the bus tells of them once. */
class QuietClientNats extends ClientNats {
  override async handleStatusUpdates(): Promise<void> {}
}

/** A connection to NATS: that of Nest's own client, so that what services use it for goes the same way. */
export class NatsLink implements BrokerLink, NatsAccess {
  readonly type = 'nats';
  isConnected = false;
  private readonly logger = new Logger(NatsLink.name);
  private readonly servers: NatsServers;
  private readonly patterns = new Map<string, Subscription | null>();
  private readonly connectionListeners = new Set<(connection: NatsConnection) => void>();
  private client: ClientNats | undefined;
  private current: NatsConnection | undefined;
  private events!: LinkEvents;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  /** @throws Error if the URL is none */
  constructor(
    url: string,
    private readonly name: string,
  ) {
    this.servers = natsServers(url);
  }

  get connection(): NatsConnection | undefined {
    return this.current;
  }

  get maxFrameBytes(): number {
    return this.current?.info?.max_payload ?? MAX_PAYLOAD_BYTES;
  }

  onConnection(listener: (connection: NatsConnection) => void): () => void {
    this.connectionListeners.add(listener);
    if (this.current !== undefined) listener(this.current);
    return () => this.connectionListeners.delete(listener);
  }

  open(events: LinkEvents): void {
    this.events = events;
    void this.connect();
  }

  publish(subject: string, payload: Uint8Array): void {
    this.current?.publish(subject, payload);
  }

  async subscribe(pattern: string): Promise<void> {
    this.patterns.set(pattern, null);
    if (this.current === undefined) return;
    this.subscribeOn(this.current, pattern);
    await this.ping();
  }

  unsubscribe(pattern: string): void {
    this.patterns.get(pattern)?.unsubscribe();
    this.patterns.delete(pattern);
  }

  async ping(): Promise<void> {
    if (this.current === undefined) throw new Error('not connected');
    await this.current.flush();
  }

  reset(): void {
    // By its own `reconnect` the client waits until the old connection has taken what is left: for ever, on a dead one.
    const { protocol } = this.current as unknown as { protocol?: { transport?: { socket?: { destroy(): void } } } };
    const socket = protocol?.transport?.socket;
    if (socket !== undefined) socket.destroy();
    else void this.current?.reconnect();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.isConnected = false;
    clearTimeout(this.retry);
    await this.client?.close();
  }

  /**
   * The first connection, tried until there is one. By the client's own `waitOnFirstConnect` it would go on trying after it was
   * closed.
   */
  private async connect(): Promise<void> {
    const client = new QuietClientNats({
      ...this.servers,
      name: this.name,
      timeout: CONNECT_TIMEOUT_MS,
      reconnectTimeWait: RETRY_MS,
      maxReconnectAttempts: -1,
      // A broker whose accounts are being changed refuses everybody for a moment.
      ...{ ignoreAuthErrorAbort: true },
    });
    try {
      this.client = client;
      await client.connect();
      if (this.closed) return;
      this.use(client.unwrap<NatsConnection>());
    } catch (error) {
      if (this.closed) return;
      this.events.down(error);
      this.retry = setTimeout(() => void this.connect(), RETRY_MS);
    }
  }

  private use(connection: NatsConnection): void {
    this.current = connection;
    for (const pattern of this.patterns.keys()) this.subscribeOn(connection, pattern);
    void this.watch(connection);
    this.isConnected = true;
    this.events.up();
    for (const listener of this.connectionListeners) listener(connection);
  }

  private async watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.isConnected = false;
        this.events.down('disconnected');
      } else if (status.type === 'reconnect') {
        this.isConnected = true;
        this.events.up();
      } else if (status.type === 'error') {
        this.logger.warn({ msg: 'nats error', err: status.error });
      }
    }
    if (this.closed || this.current !== connection) return;
    // The client itself has given up, which its options should keep it from.
    this.isConnected = false;
    this.current = undefined;
    this.events.down('closed');
    void this.connect();
  }

  private subscribeOn(connection: NatsConnection, pattern: string): void {
    const subscription = connection.subscribe(pattern, {
      callback: (error, message) => {
        if (error) this.logger.warn({ msg: 'nats subscription failed', pattern, err: error });
        else this.events.message(pattern, message.subject, message.data);
      },
    });
    this.patterns.set(pattern, subscription);
  }
}
