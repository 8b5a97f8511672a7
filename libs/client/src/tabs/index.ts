export { type SharedWebSocketOptions, type SharedWorkerLike, sharedWebSocket } from './shared-web-socket.js';
