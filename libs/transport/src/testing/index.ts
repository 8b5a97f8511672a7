export { RawClient, type RawClientOptions, type RawFrame } from './raw-client.js';
export { clientFrame, RawSocket } from './raw-socket.js';
export { RecordingConnection } from './recording-connection.js';
export { Refused } from './refused.js';
