import { Frame, PING_FRAME } from './frame.js';

/** Reads a server's frame by RFC 6455 §5.2, as a client would. */
function parse(frame: Buffer): { opcode: number; isFinal: boolean; isMasked: boolean; payload: Buffer } {
  const short = (frame[1] as number) & 0x7f;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
  const [first, second] = [frame[0] as number, frame[1] as number];
  expect(frame.length).toBe(header + length);
  return { opcode: first & 0x0f, isFinal: first >= 0x80, isMasked: second >= 0x80, payload: frame.subarray(header) };
}

/** Written somewhere in the middle: nothing before or behind it is touched. */
function bytesOf(payload: string): Buffer {
  const frame = new Frame(payload, false);
  const around = Buffer.alloc(frame.bytes + 6, 0xee);
  frame.write(around, 3);
  expect([...around.subarray(0, 3), ...around.subarray(-3)]).toEqual(Array(6).fill(0xee));
  return around.subarray(3, -3);
}

describe('a text frame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('carries %i bytes', (length) => {
    const { payload, ...rest } = parse(bytesOf('x'.repeat(length)));
    expect(rest).toEqual({ opcode: 1, isFinal: true, isMasked: false });
    expect(payload.equals(Buffer.alloc(length, 'x'))).toBe(true);
  });

  it('counts bytes, not characters', () => {
    const text = 'héllo 👋 '.repeat(20);
    expect(parse(bytesOf(text)).payload.toString()).toBe(text);
  });
});

it('a ping frame is empty', () => {
  expect(parse(PING_FRAME)).toEqual({ opcode: 9, isFinal: true, isMasked: false, payload: Buffer.alloc(0) });
});
