export {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  type RequestOptions,
  type Subscription,
} from './bus.js';
export { BusModule, type BusOptions } from './bus.module.js';
export { type Confirmation, Control } from './control.js';
export { MemoryBroker } from './memory/memory-broker.js';
export { MemoryBus } from './memory/memory-bus.js';
export { NodeInfo } from './node-info.js';
