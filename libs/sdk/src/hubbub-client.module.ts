import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CommandTransport } from './commands/command-transport.js';
import { HttpCommands } from './commands/http-commands.js';
import { NatsCommands } from './commands/nats-commands.js';
import { EventHandlers } from './events/event-handlers.js';
import { EventListeners } from './events/event-listeners.js';
import { HubbubFacts } from './facts/hubbub-facts.js';
import { Hubbub } from './hubbub.js';
import { ConfigurableModuleClass, HUBBUB_CLIENT_OPTIONS } from './hubbub-client.definition.js';
import type { HubbubClientOptions } from './hubbub-client.options.js';
import { NatsLink } from './nats/nats-link.js';

/** Null where a service has HTTP alone. */
const link = {
  provide: NatsLink,
  inject: [HUBBUB_CLIENT_OPTIONS],
  useFactory: ({ servers, nats, name, http }: HubbubClientOptions): NatsLink | null => {
    if (servers === undefined && http === undefined) {
      throw new Error('HubbubClientModule needs `servers` (of NATS) or `http` (of a gateway)');
    }
    if (servers === undefined) return null;
    return new NatsLink({ servers, nats, name });
  },
};

const transport = {
  provide: CommandTransport,
  inject: [HUBBUB_CLIENT_OPTIONS, NatsLink],
  useFactory: ({ http }: HubbubClientOptions, nats: NatsLink | null): CommandTransport =>
    http === undefined ? new NatsCommands(nats as NatsLink) : new HttpCommands(http),
};

/**
 * For a service beside the gateways: `Hubbub` to be injected, and `@OnHubbubEvent` on the methods of its providers. One
 * connection to NATS carries both.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [link, transport, Hubbub, HubbubFacts, EventHandlers, EventListeners],
  exports: [Hubbub, HubbubFacts],
})
export class HubbubClientModule
  extends ConfigurableModuleClass
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  constructor(@Inject(NatsLink) private readonly nats: NatsLink | null) {
    super();
  }

  onApplicationBootstrap(): void {
    this.nats?.open();
  }

  /** Last of all: handlers that end meanwhile may have something to ask. */
  async onApplicationShutdown(): Promise<void> {
    await this.nats?.close();
  }
}
