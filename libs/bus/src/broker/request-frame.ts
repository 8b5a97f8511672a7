const NEWLINE = 0x0a;

/** Which request it is, and where its answers go. */
export interface RequestHead {
  readonly id: number;
  readonly replyTo: string;
}

/** Whose answer to which request. `failed`: there is none, and none will come. */
export interface AnswerHead {
  readonly id: number;
  readonly from: string;
  readonly failed?: true;
}

/** A head as JSON on one line, and then the payload. */
export function encodeFrame(head: RequestHead | AnswerHead, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), payload]);
}

/** @throws if it is no frame */
export function decodeFrame<Head extends RequestHead | AnswerHead>(
  bytes: Uint8Array,
): { head: Head; payload: Uint8Array } {
  const end = bytes.indexOf(NEWLINE);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as Head;
  return { head, payload: bytes.subarray(end + 1) };
}
