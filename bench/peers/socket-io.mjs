import { packageVersion } from '../machine.mjs';
import { socketIoWire } from './socket-io-wire.mjs';
import { startNode } from './start-node.mjs';

export const socketIo = {
  name: 'Socket.IO',
  version: () => packageVersion('socket.io'),
  wire: socketIoWire,
  start: ({ secret } = {}) =>
    startNode('dist/bench/servers/socket-io.js', { env: { ...(secret && { BENCH_SECRET: secret }) } }),
};
