export type {
  EventData,
  EventType,
  ServiceCommand,
  ServiceCommandData,
  ServiceReply,
} from '@hubbub/protocol';
export { HubbubError, isHubbubError, matchesPattern, subjectKey } from '@hubbub/protocol';
export { type ConnectedClient, HubbubClients } from './clients.js';
export type { CallOptions } from './commands/command-caller.js';
export { type CommandRequest, CommandTransport } from './commands/command-transport.js';
export { DEAD_LETTER_STREAM, type DeadLetter } from './durable/dead-letters.js';
export type { HubbubEventsOptions } from './durable/hubbub-events.options.js';
export { HubbubEventsStrategy } from './durable/hubbub-events.strategy.js';
export { EventId, type EventInfo, HubbubEventContext } from './events/hubbub-event.context.js';
export {
  type DurableOptions,
  type HeardOptions,
  OnHubbubEvent,
  type OnHubbubEventOptions,
} from './events/on-hubbub-event.js';
export { type Fact, type FactStream, HubbubFacts } from './facts/hubbub-facts.js';
export { Hubbub } from './hubbub.js';
export { HubbubClientModule } from './hubbub-client.module.js';
export type { HubbubClientOptions } from './hubbub-client.options.js';
export { HubbubRooms, type PublishOptions } from './rooms.js';
export { type ExplainOptions, HubbubUsers, type MessageOptions, type UserPresence } from './users.js';
