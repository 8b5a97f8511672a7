import type { ServiceCommand, ServiceCommandData, ServiceReply } from '@hubbub/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { HubbubClients } from './clients.js';
import { type CallOptions, CommandCaller } from './commands/command-caller.js';
import { CommandTransport } from './commands/command-transport.js';
import { HUBBUB_CLIENT_OPTIONS } from './hubbub-client.definition.js';
import type { HubbubClientOptions } from './hubbub-client.options.js';
import { HubbubRooms } from './rooms.js';
import { HubbubUsers } from './users.js';

/**
 * What a service asks of the gateways. Every method throws HubbubError: what the gateway answered, `Timeout` where the outcome
 * is unknown, `ServerError` (retryable) where no gateway could be asked.
 */
@Injectable()
export class Hubbub {
  readonly rooms: HubbubRooms;
  readonly users: HubbubUsers;
  readonly clients: HubbubClients;
  private readonly caller: CommandCaller;

  constructor(transport: CommandTransport, @Inject(HUBBUB_CLIENT_OPTIONS) options: HubbubClientOptions) {
    this.caller = new CommandCaller(transport, options);
    this.rooms = new HubbubRooms(this.caller);
    this.users = new HubbubUsers(this.caller);
    this.clients = new HubbubClients(this.caller);
  }

  /** Any command of services by its name. Those with an idempotency key are sent again where that can help. */
  command<N extends ServiceCommand>(
    name: N,
    data: ServiceCommandData<N>,
    options?: CallOptions,
  ): Promise<ServiceReply<N>> {
    return this.caller.call(name, data, options);
  }

  /** Counts of clients, users and rooms, and the nodes. Needs `admin:system`. */
  stats(): Promise<ServiceReply<'stats'>> {
    return this.caller.call('stats', {});
  }

  /** Tells everybody who is connected. Needs `admin:system`. */
  broadcast(message: unknown): Promise<ServiceReply<'broadcast'>> {
    return this.caller.call('broadcast', { message });
  }
}
