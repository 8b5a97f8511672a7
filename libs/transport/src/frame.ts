/** Server-to-client WebSocket framing (RFC 6455 §5.2): unfragmented, unmasked, never compressed. */

const FIN_TEXT = 0x81;

/** A ping without payload. */
export const PING_FRAME: Buffer = Buffer.from([0x89, 0x00]);

/** `payload` as one text frame, ready for the socket of any number of connections. */
export function textFrame(payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FIN_TEXT;
  if (header === 2) {
    frame[1] = length;
  } else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    // A string is shorter than 2^32 bytes; the upper half is always zero.
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(payload, header);
  return frame;
}
