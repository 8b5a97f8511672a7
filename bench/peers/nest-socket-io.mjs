import { packageVersion } from '../machine.mjs';
import { socketIoWire } from './socket-io-wire.mjs';
import { startNode } from './start-node.mjs';

/** What Nest gives beside it. */
export const nestSocketIo = {
  name: 'Nest Socket.IO',
  version: () => packageVersion('@nestjs/platform-socket.io'),
  wire: socketIoWire,
  start: ({ secret } = {}) =>
    startNode('dist/bench/servers/nest-socket-io.js', { env: { ...(secret && { BENCH_SECRET: secret }) } }),
};
