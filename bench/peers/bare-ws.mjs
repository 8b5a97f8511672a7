import { WebSocket } from 'ws';
import { packageVersion } from '../machine.mjs';
import { plainWire } from './plain-wire.mjs';
import { startNode } from './start-node.mjs';

/** The floor, and what every ratio is to. It keeps messages in memory for those who come back. */
export const bareWs = {
  name: 'bare ws',
  version: () => packageVersion('ws'),
  wire: {
    ...plainWire,
    recover: (first, last) => [
      ...['--expect', '"connected"', '--send', `{"event":"join","data":{"room":"r%r","since":${first - 1}}}`],
      ...['--recover', `${first}-${last}`],
    ],
  },
  async start({ secret } = {}) {
    const server = await startNode('dist/bench/servers/bare-ws.js', {
      env: { ...(secret && { BENCH_SECRET: secret }) },
    });
    return { ...server, keep: (rooms, contents) => keep(server.address, rooms, contents) };
  },
};

async function keep(address, rooms, contents) {
  const socket = new WebSocket(address);
  const asked = rooms * contents.length;
  let kept = 0;
  await new Promise((done, failed) => {
    socket.on('error', failed);
    socket.on('message', (frame) => {
      if (String(frame).includes('"kept"') && ++kept === asked) done();
    });
    socket.on('open', () => {
      for (let room = 0; room < rooms; room++)
        for (const content of contents) socket.send(`{"event":"keep","data":{"room":"r${room}","content":${content}}}`);
    });
  });
  socket.terminate();
}
