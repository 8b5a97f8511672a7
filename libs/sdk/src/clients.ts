import type { ServiceReply } from '@hubbub/protocol';
import type { CommandCaller } from './commands/command-caller.js';
import { pages } from './commands/pages.js';

export type ConnectedClient = ServiceReply<'clients'>['clients'][number];

/** Connections, at whichever gateway they are. Needs `admin:system`. */
export class HubbubClients {
  constructor(private readonly caller: CommandCaller) {}

  async count(): Promise<number> {
    return (await this.caller.call('stats', {})).client_count;
  }

  /** All connections, read page by page while one goes through them. */
  list(): AsyncIterable<ConnectedClient> {
    return pages(async (cursor) => {
      const { clients, next_cursor } = await this.caller.call('clients', { ...cursor, limit: 1000 });
      return { items: clients, next: next_cursor };
    });
  }

  /** @throws HubbubError ClientNotFound */
  async get(connectionId: string): Promise<ConnectedClient> {
    return (await this.caller.call('get_client', { connection_id: connectionId })).client;
  }

  /** Sends a push of your own type: at most once. @throws HubbubError ClientNotFound */
  send(connectionId: string, type: string, data?: unknown): Promise<ServiceReply<'send_to_client'>> {
    return this.caller.call('send_to_client', { connection_id: connectionId, type, data });
  }

  /** Closes a connection with 4502. @throws HubbubError ClientNotFound */
  disconnect(connectionId: string): Promise<ServiceReply<'disconnect'>> {
    return this.caller.call('disconnect', { connection_id: connectionId });
  }
}
