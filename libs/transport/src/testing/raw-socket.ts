import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A WebSocket client on a bare TCP socket, for what no client library does: stop reading, break frames, hang up. */
export class RawSocket {
  private constructor(
    readonly socket: Socket,
    /** Status line and headers of the server's answer. */
    readonly head: string,
  ) {}

  /** Upgrades `url` and reads no further than the answer's headers: everything after them is left in `socket`. */
  static async connect(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
    return RawSocket.answered(await RawSocket.open(url, headers));
  }

  /** Resolves with the answer to what `open` asked. */
  static async answered(socket: Socket): Promise<RawSocket> {
    return new RawSocket(socket, await readHead(socket));
  }

  /** Asks for an upgrade of `url` and reads nothing. */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Socket> {
    const { hostname, port, pathname, search, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const lines = {
      Host: host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      ...headers,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${text.join('')}\r\n`);
    return socket;
  }

  get status(): number {
    return Number(this.head.split(' ')[1]);
  }

  /** Reads on, and resolves once `text` (latin1) has come. */
  async until(text: string): Promise<void> {
    let tail = '';
    while (!tail.includes(text)) {
      const chunk = this.socket.read() as Buffer | null;
      if (chunk === null) await once(this.socket, 'readable');
      else tail = (tail + chunk.toString('latin1')).slice(-chunk.length - text.length);
    }
  }

  /** Sends one masked frame. @param opcode 1 text, 2 binary, 8 close, 9 ping, 10 pong */
  sendFrame(opcode: number, payload: Buffer | string = ''): void {
    this.socket.write(clientFrame(opcode, Buffer.from(payload)));
  }
}

/** A frame as clients send it: final, masked. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const sizes = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : null;
  const size = sizes === null ? Buffer.alloc(9) : Buffer.from(sizes);
  if (sizes === null) {
    size[0] = 127;
    size.writeBigUInt64BE(BigInt(length), 1);
  }
  size[0] = (size[0] as number) | 0x80;
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (mask[at & 3] as number)));
  return Buffer.concat([Buffer.from([0x80 | opcode]), size, mask, masked]);
}

async function readHead(socket: Socket): Promise<string> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      await once(socket, 'readable');
      continue;
    }
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) continue;
    socket.unshift(bytes.subarray(end + 4));
    return bytes.subarray(0, end).toString('latin1');
  }
}
