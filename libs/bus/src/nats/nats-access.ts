import type { NatsConnection } from '@nats-io/transport-node';

/**
 * The connection that a NATS bus keeps, for what only NATS has: JetStream, requests of services. Provided by BusModule, null
 * where the bus is another.
 */
export abstract class NatsAccess {
  /** The connection, once there was one; it reconnects by itself. Another one only after an end that the broker forced. */
  abstract readonly connection: NatsConnection | undefined;

  /** Whether `connection` is connected now. */
  abstract readonly isConnected: boolean;

  /**
   * Calls `listener` with the connection as soon as there is one, now if there is one already, and with each that takes its
   * place: for subscriptions of one's own. Not for reconnections, which keep subscriptions.
   * @returns stops it
   */
  abstract onConnection(listener: (connection: NatsConnection) => void): () => void;
}
