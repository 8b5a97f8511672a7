export {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  MAX_PAYLOAD_BYTES,
  type RequestOptions,
  type Subscription,
} from './bus.js';
export { type BusAsyncOptions, BusModule, type BusOptions } from './bus.module.js';
export { type Confirmation, Control } from './control.js';
export { Feed, type FeedNote, type FeedOptions } from './feed.js';
export { MemoryBroker } from './memory/memory-broker.js';
export { MemoryBus } from './memory/memory-bus.js';
export { NatsAccess } from './nats/nats-access.js';
export { NodeInfo } from './node-info.js';
export { Nodes } from './nodes.js';
export { type BusAddress, type BusType, openBus } from './open-bus.js';
export { subjectMatches } from './subject-match.js';
export { type Channel, memoryChannels, type Pipe, pipeChannel } from './workers/channel.js';
export { WorkersBroker } from './workers/workers-broker.js';
export { WorkersBus } from './workers/workers-bus.js';
