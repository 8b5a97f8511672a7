import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to connections, which could have the port before the server does, or while it is away. */
const FIRST = 10_000;
const LAST = 32_000;

/**
 * A port of the loopback that nobody listens on, for a server that must be told one or comes back to its own. Whoever can,
 * listens on 0 instead.
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
}

async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
