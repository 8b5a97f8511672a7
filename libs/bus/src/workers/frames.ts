/** What a worker and the primary say to each other. */
export const FRAME = {
  /** To the primary: something published. To a worker: something that subscription `id` matched. */
  message: 1,
  /** Subscribes to the pattern `subject` by the name `id`. */
  subscribe: 2,
  unsubscribe: 3,
  /** Asks whether all before `id` has been dealt with, and answers that it has. */
  ping: 4,
  /** To a worker that did not keep up: something for it was dropped. */
  lost: 5,
} as const;

export interface Frame {
  readonly kind: (typeof FRAME)[keyof typeof FRAME];
  readonly id: number;
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** kind, id, length of the subject, length of the payload */
const HEAD_BYTES = 1 + 4 + 2 + 4;
const NOTHING = new Uint8Array();

export function frame(kind: Frame['kind'], id: number, subject = '', payload: Uint8Array = NOTHING): Frame {
  return { kind, id, subject, payload };
}

export function encodedLength({ subject, payload }: Frame): number {
  return HEAD_BYTES + Buffer.byteLength(subject) + payload.length;
}

/** Many frames as one piece. */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  const bytes = Buffer.allocUnsafe(frames.reduce((sum, each) => sum + encodedLength(each), 0));
  let at = 0;
  for (const { kind, id, subject, payload } of frames) {
    const written = bytes.write(subject, at + HEAD_BYTES);
    bytes.writeUInt8(kind, at);
    bytes.writeUInt32LE(id, at + 1);
    bytes.writeUInt16LE(written, at + 5);
    bytes.writeUInt32LE(payload.length, at + 7);
    at += HEAD_BYTES + written;
    bytes.set(payload, at);
    at += payload.length;
  }
  return bytes;
}

export function* decodeFrames(piece: Uint8Array): Generator<Frame> {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const subjectAt = at + HEAD_BYTES;
    const payloadAt = subjectAt + bytes.readUInt16LE(at + 5);
    const end = payloadAt + bytes.readUInt32LE(at + 7);
    yield {
      kind: bytes.readUInt8(at) as Frame['kind'],
      id: bytes.readUInt32LE(at + 1),
      subject: bytes.toString('utf8', subjectAt, payloadAt),
      payload: bytes.subarray(payloadAt, end),
    };
    at = end;
  }
}
