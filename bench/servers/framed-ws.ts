/** One framed buffer, written past `ws` to the socket of every other member. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { serveRooms } from './ws-rooms.js';

const FINAL_TEXT = 0x81;
/** From here on the length stands in two bytes of its own. */
const LONG = 126;

serveRooms((members, sender, text) => {
  const frame = framed(text);
  for (const member of members) if (member !== sender) socketOf(member).write(frame);
});

function socketOf(member: WebSocket): Socket {
  const { _socket: socket } = member as unknown as { _socket: Socket };
  return socket;
}

/** @param text of less than 64 KiB */
function framed(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const header = length < LONG ? [FINAL_TEXT, length] : [FINAL_TEXT, LONG, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), payload]);
}
