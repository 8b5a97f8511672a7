import { packageVersion } from '../machine.mjs';
import { plainWire } from './plain-wire.mjs';
import { startNode } from './start-node.mjs';

/** What Nest gives out of the box. */
export const nestWs = {
  name: 'Nest WsAdapter',
  version: () => packageVersion('@nestjs/platform-ws'),
  wire: plainWire,
  start: ({ secret } = {}) =>
    startNode('dist/bench/servers/nest-ws.js', { env: { ...(secret && { BENCH_SECRET: secret }) } }),
};
