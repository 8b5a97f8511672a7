import { packageVersion } from '../machine.mjs';
import { plainWire } from './plain-wire.mjs';
import { startNode } from './start-node.mjs';

/** One framed buffer written to every socket: what `ws` costs without its `send`. */
export const framedWs = {
  name: 'pre-framed ws',
  version: () => packageVersion('ws'),
  wire: plainWire,
  start: ({ secret } = {}) =>
    startNode('dist/bench/servers/framed-ws.js', { env: { ...(secret && { BENCH_SECRET: secret }) } }),
};
