/** The first words of a conversation with a server: enough to know that it is the one we want, and lets us in. */
import { connect } from 'node:net';

const ANSWER_MS = 2000;

/**
 * Connects to the host and port of `url` and hands every chunk, joined to those before, to `read(received, send)`.
 * @param read returns true when the server is usable, a sentence when it is not, undefined while more is awaited
 * @returns null when usable, else the sentence
 */
export function converse(url, read, { first } = {}) {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let received = Buffer.alloc(0);
    const end = (reason) => {
      socket.destroy();
      done(reason);
    };
    socket.setTimeout(ANSWER_MS, () => end('does not answer'));
    socket.on('error', () => end('nothing listens there'));
    socket.on('close', () => end('closed the connection'));
    socket.on('connect', () => first && socket.write(first));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const verdict = read(received, (bytes) => {
        received = Buffer.alloc(0);
        socket.write(bytes);
      });
      if (verdict !== undefined) end(verdict === true ? null : verdict);
    });
  });
}
