import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Random } from './random.js';

/** One frame as RFC 6455 lays it out, or deliberately not. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Buffer;
  /** @default true */
  readonly fin?: boolean;
  /** The three reserved bits. @default 0 */
  readonly reserved?: number;
  /** @default true */
  readonly masked?: boolean;
  /** Instead of the length of the payload. */
  readonly declaredLength?: bigint;
}

export function encodeRaw({
  opcode,
  payload = Buffer.alloc(0),
  fin = true,
  reserved = 0,
  masked = true,
  declaredLength,
}: RawFrame): Buffer {
  const length = declaredLength ?? BigInt(payload.length);
  const mask = masked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const wide = Buffer.alloc(8);
  wide.writeBigUInt64BE(length);
  if (length < 126n) head.push(mask | Number(length));
  else if (length < 65_536n) head.push(mask | 126, ...wide.subarray(6));
  else head.push(mask | 127, ...wide);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), payload]);
}

const text = (value: string): Buffer => Buffer.from(value);
const PING = text('{"message_type":"ping","message_id":7}');

/** What breaks the WebSocket protocol, and the code that the connection is closed with. */
export const BREACHES: readonly [what: string, code: number, frames: readonly RawFrame[]][] = [
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number, RawFrame[]] => [
    `opcode ${opcode}`,
    1002,
    [{ opcode, payload: PING }],
  ]),
  ...[1, 2, 3, 4, 7].map((reserved): [string, number, RawFrame[]] => [
    `reserved bits ${reserved}`,
    1002,
    [{ opcode: 1, reserved, payload: PING }],
  ]),
  ['no mask', 1002, [{ opcode: 1, masked: false, payload: PING }]],
  ['text that is no UTF-8', 1007, [{ opcode: 1, payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }]],
  ['half a character at the end', 1007, [{ opcode: 1, payload: Buffer.from([0x22, 0xe2, 0x82]) }]],
  ['a surrogate as UTF-8', 1007, [{ opcode: 1, payload: Buffer.from([0xed, 0xa0, 0x80]) }]],
  ['a declared length of 2^63', 1009, [{ opcode: 1, declaredLength: 1n << 63n }]],
  ['a declared length of 2^52', 1009, [{ opcode: 1, declaredLength: 1n << 52n }]],
  ['a declared length over the limit', 1009, [{ opcode: 1, declaredLength: 70_000n }]],
  [
    'fragments over the limit',
    1009,
    [
      { opcode: 1, fin: false, payload: Buffer.alloc(40_000, 'x') },
      { opcode: 0, payload: Buffer.alloc(40_000, 'x') },
    ],
  ],
  ['a continuation of nothing', 1002, [{ opcode: 0, payload: PING }]],
  [
    'a message inside another',
    1002,
    [
      { opcode: 1, fin: false, payload: PING },
      { opcode: 1, payload: PING },
    ],
  ],
  ['a ping in fragments', 1002, [{ opcode: 9, fin: false }]],
  ['a ping of 126 bytes', 1002, [{ opcode: 9, payload: Buffer.alloc(126) }]],
  ['a close of one byte', 1002, [{ opcode: 8, payload: Buffer.from([3]) }]],
  ['a close with a code that is none', 1002, [{ opcode: 8, payload: Buffer.from([0x03, 0xed]) }]],
  ['a close whose reason is no UTF-8', 1007, [{ opcode: 8, payload: Buffer.from([0x03, 0xe8, 0xff]) }]],
];

/** A WebSocket by hand: sends any bytes. */
export class RawWebSocket {
  private bytes = Buffer.alloc(0);
  private readonly ended: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.bytes = Buffer.concat([this.bytes, chunk])));
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /**
   * Resolves once the handshake is done and `connected` is there.
   * @param behind bytes of the same packet
   */
  static async open(port: number, token: string, behind: Buffer = Buffer.alloc(0)): Promise<RawWebSocket> {
    const raw = new RawWebSocket(connect(port, '127.0.0.1'));
    raw.socket.write(Buffer.concat([Buffer.from(handshake(token)), behind]));
    while (!raw.bytes.includes('"connected"')) await raw.more();
    // Frames are looked for after it.
    raw.bytes = raw.bytes.subarray(raw.bytes.indexOf('\r\n\r\n') + 4);
    return raw;
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Whether this text has come. */
  async receives(expected: string): Promise<void> {
    while (!this.bytes.includes(expected)) await this.more();
  }

  /** The code of the close frame that the server ends with, after everything else it sends; null if it sends none. */
  async closeCode(): Promise<number | null> {
    await Promise.race([this.ended, this.hasClose()]);
    this.socket.destroy();
    await this.ended;
    return this.findClose();
  }

  /** Ends as networks do. */
  async destroy(): Promise<void> {
    this.socket.resetAndDestroy();
    await this.ended;
  }

  private async hasClose(): Promise<void> {
    while (this.findClose() === null && !this.socket.destroyed) await this.more();
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('data', () => resolve());
      this.socket.once('close', () => resolve());
    });
  }

  private findClose(): number | null {
    for (let at = 0; at + 2 <= this.bytes.length; ) {
      const short = this.bytes.readUInt8(at + 1);
      const header = short < 126 ? 2 : 4;
      if (this.bytes.readUInt8(at) === 0x88) return this.bytes.readUInt16BE(at + 2);
      at += header + (short < 126 ? short : this.bytes.readUInt16BE(at + 2));
    }
    return null;
  }
}

/** The request for an upgrade. */
export function handshake(token: string): string {
  const key = randomBytes(16).toString('base64');
  const lines = [
    'GET /ws HTTP/1.1',
    'Host: x',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
  ];
  return `${[...lines, `Sec-WebSocket-Key: ${key}`, `Authorization: Bearer ${token}`].join('\r\n')}\r\n\r\n`;
}

/** Sends bytes to a port and resolves once the connection has ended, by whom ever. */
export function throwAt(port: number, bytes: Buffer, random: Random): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(bytes, () => (random.oneIn(2) ? socket.end() : socket.resetAndDestroy()));
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
