import type { HubbubError } from '@hubbub/protocol';
import type { CommandConnection } from './command-connection.js';

/** Is told of the commands of all connections. Synchronous, for every one of them: it must be quick, and must not throw. */
export interface CommandObserver {
  /** An envelope has come, within the rate of its connection. */
  received(connection: CommandConnection, messageType: string): void;
  /** A command was answered by an error. @param messageType empty where the frame was no envelope */
  failed(connection: CommandConnection, messageType: string, error: HubbubError): void;
}
