/** Server-to-client WebSocket framing (RFC 6455 §5.2): unfragmented, unmasked, never compressed. */

const FIN_TEXT = 0x81;

/** A ping without payload. */
export const PING_FRAME: Buffer = Buffer.from([0x89, 0x00]);

/** One outbound message. It is text until it is written, so that what is owed becomes bytes once, where it leaves from. */
export class Frame {
  private readonly payloadBytes: number;
  /** Size on the wire, header included. */
  readonly bytes: number;

  /** @param droppable may be left out for a connection whose queue is over its limit */
  constructor(
    readonly payload: string,
    readonly droppable: boolean,
  ) {
    this.payloadBytes = Buffer.byteLength(payload);
    this.bytes = headerBytes(this.payloadBytes) + this.payloadBytes;
  }

  /** Writes `bytes` bytes into `target`, from index `at` on. */
  write(target: Buffer, at: number): void {
    const { payload, payloadBytes } = this;
    const start = at + headerBytes(payloadBytes);
    target[at] = FIN_TEXT;
    if (payloadBytes < 126) {
      target[at + 1] = payloadBytes;
    } else if (payloadBytes < 65_536) {
      target[at + 1] = 126;
      target[at + 2] = payloadBytes >> 8;
      target[at + 3] = payloadBytes & 0xff;
    } else {
      target[at + 1] = 127;
      // A string is shorter than 2^32 bytes; the upper half is always zero.
      target.writeUInt32BE(0, at + 2);
      target.writeUInt32BE(payloadBytes, at + 6);
    }
    // As many bytes as characters: it is ASCII, and copied as it is.
    target.write(payload, start, payloadBytes, payload.length === payloadBytes ? 'latin1' : 'utf8');
  }
}

function headerBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65_536 ? 4 : 10;
}
