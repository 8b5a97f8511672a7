import { HubbubError } from '@hubbub/protocol';
import { connect, errors, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';

const CONNECT_TIMEOUT_MS = 2000;
const RETRY_MS = 250;

export interface NatsAddress {
  readonly servers: string | readonly string[];
  /** How to sign in. */
  readonly nats?: Omit<NodeConnectionOptions, 'servers' | 'name'> | undefined;
  /** Shown by the broker. */
  readonly name?: string | undefined;
}

/**
 * A connection to NATS: tried until there is one, and kept by NATS' own client from then on. (By that client's
 * `waitOnFirstConnect` it would go on trying after it was closed.)
 */
export class NatsLink {
  private readonly logger = new Logger('Hubbub');
  private readonly options: NodeConnectionOptions;
  private readonly first: Promise<NatsConnection | null>;
  private settle!: (connection: NatsConnection | null) => void;
  private connection: NatsConnection | null = null;
  private retry: NodeJS.Timeout | undefined;
  private isOpen = false;
  private isClosed = false;
  private isFailing = false;
  /** Whether the broker is there at the moment. */
  isConnected = false;

  constructor({ servers, nats, name }: NatsAddress) {
    this.options = {
      timeout: CONNECT_TIMEOUT_MS,
      reconnectTimeWait: RETRY_MS,
      ...nats,
      servers: typeof servers === 'string' ? [servers] : [...servers],
      ...(name === undefined ? {} : { name }),
      maxReconnectAttempts: -1,
      // A broker whose accounts are being changed refuses everybody for a moment.
      ignoreAuthErrorAbort: true,
    };
    this.first = new Promise((resolve) => (this.settle = resolve));
  }

  /** Called by whoever needs the connection first. */
  open(): void {
    if (this.isOpen || this.isClosed) return;
    this.isOpen = true;
    void this.connect();
  }

  /**
   * The connection, waited for if need be. It may be away for a moment.
   * @throws HubbubError ServerError if there has been none by then
   */
  async connected(timeoutMs: number): Promise<NatsConnection> {
    if (this.connection !== null) return this.connection;
    this.open();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, timeoutMs, null)));
    const connection = await Promise.race([this.first, late]);
    clearTimeout(timer);
    if (connection === null) throw new HubbubError('ServerError', { message: 'There is no connection to NATS.' });
    return connection;
  }

  /** Calls `listener` with the connection as soon as there is one; never if it is closed before. */
  onConnection(listener: (connection: NatsConnection) => void): void {
    this.open();
    void this.first.then((connection) => connection !== null && listener(connection));
  }

  /** Sends what was given to it, and ends. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    this.settle(null);
    if (this.connection?.isClosed() === false) {
      // On a broker that is away there is nothing to wait for.
      await Promise.race([this.connection.flush().catch(() => undefined), this.connection.closed(), later()]);
      await this.connection.close();
    }
  }

  private async connect(): Promise<void> {
    try {
      const connection = await connect(this.options);
      if (this.isClosed) return await connection.close();
      this.connection = connection;
      this.isConnected = true;
      if (this.isFailing) this.logger.log({ msg: 'connected to nats' });
      void this.report(connection);
      this.settle(connection);
    } catch (error) {
      if (this.isClosed) return;
      if (!this.isFailing) this.logger.warn({ msg: 'no connection to nats yet, trying again', err: error });
      this.isFailing = true;
      this.retry = setTimeout(() => void this.connect(), RETRY_MS);
    }
  }

  private async report(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'reconnect') this.isConnected = status.type === 'reconnect';
      if (status.type === 'disconnect') this.logger.warn({ msg: 'connection to nats lost' });
      else if (status.type === 'reconnect') this.logger.log({ msg: 'connected to nats again' });
      else if (status.type === 'error') this.logger.warn({ msg: 'nats error', err: status.error });
    }
  }
}

function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, CONNECT_TIMEOUT_MS).unref());
}

/** Whether that is why the client of NATS sent nothing. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof errors.InvalidArgumentError && error.message.includes('max_payload');
}
