/** What a link tells the bus on it. */
export interface LinkEvents {
  /** Connected: every pattern was asked for again, and a ping is answered after that. Also the first time. */
  up(): void;
  /** The connection is lost, or could not be made. The link goes on trying. */
  down(reason: unknown): void;
  /** Something was published that a subscribed pattern matches; once for each pattern. */
  message(pattern: string, subject: string, payload: Uint8Array): void;
}

/** The connection to one kind of broker: what differs between them. It looks for its broker until it is closed. */
export interface BrokerLink {
  readonly type: string;
  /** Largest payload, heads of requests included. */
  readonly maxFrameBytes: number;
  readonly isConnected: boolean;
  /** Begins to look for the broker. Called once. */
  open(events: LinkEvents): void;
  /** Called only while connected. `payload` is not changed afterwards. */
  publish(subject: string, payload: Uint8Array): void;
  /** Resolves once the broker has confirmed; while it is away, some time. Rejects if the connection is lost meanwhile. */
  subscribe(pattern: string): Promise<unknown>;
  unsubscribe(pattern: string): void;
  /** Resolves once the broker has dealt with all that was sent before. Rejects if it is away. */
  ping(): Promise<unknown>;
  /** Drops a connection that says nothing any more, and makes another. */
  reset(): void;
  close(): Promise<void>;
}
