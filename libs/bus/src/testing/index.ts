export { BrokerProcess, type BrokerType, describeWithBroker, missingBroker } from './broker-process.js';
export { type BusFactory, type BusTraits, describeBusContract } from './bus.contract.js';
export type { BrokerControl, BusPair } from './bus-pair.js';
