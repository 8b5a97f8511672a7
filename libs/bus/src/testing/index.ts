export { type BusFactory, describeBusContract } from './bus.contract.js';
