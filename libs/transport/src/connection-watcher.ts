import type { Envelope } from '@hubbub/protocol';
import type { CommandConnection } from './command-connection.js';

/**
 * Is shown what single connections send and are sent: those whose `watcher` it is. Synchronous, and for each of their frames: it
 * must be quick, and must not throw.
 */
export interface ConnectionWatcher {
  /** A command was answered, or its stream begun. @param code 0 where it was done, otherwise that of its error */
  answered(connection: CommandConnection, envelope: Envelope, code: number): void;
  /** A frame was queued: a push, a reply, an item, an error. @param bytes of the frame */
  sent(connection: CommandConnection, messageType: string, dataJson: string, bytes: number): void;
}
