import type { CloseName, Envelope, MessageId } from '@hubbub/protocol';
import type { ConnectionWatcher } from './connection-watcher.js';

/** What the command router needs of a connection; the transport's `Connection` is one. */
export interface CommandConnection {
  readonly id: string;
  /** How its frames are read. */
  readonly dialect: { decode(text: string): Envelope };
  /** Null until identified: then only commands marked `@AllowUnidentified` are served. */
  readonly identity: object | null;
  /** False from the moment it closes or is lost: nothing is read or answered any more. */
  readonly isOpen: boolean;
  /** Shown what it sends and is sent; mostly nobody. */
  readonly watcher?: ConnectionWatcher | null;
  /** Queues an answer behind everything queued before. Must not throw; ignored once the connection is not open. */
  reply(messageType: string, dataJson: string, requestId: MessageId | undefined): void;
  /** Ends the connection after what it is owed. */
  close(name: CloseName): void;
  /**
   * Back-pressure for streams: null when more may be queued now, otherwise a promise that resolves when enough has left
   * or the connection has ended.
   */
  whenWritable(): Promise<void> | null;
}

/** How a connection ended. `clean`: a close frame came, or the server closed it on purpose. */
export interface ConnectionEnd {
  readonly code: number;
  readonly clean: boolean;
}
