export { RawClient, type RawClientOptions, type RawFrame } from './raw-client.js';
export { clientFrame, RawSocket } from './raw-socket.js';
export { Refused } from './refused.js';
