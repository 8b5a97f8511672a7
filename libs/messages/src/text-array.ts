/** Arrays as Postgres takes them in binary form: the driver's own text form escapes every quote of every message. */

const TEXT = 25;
const INT4 = 23;
const HEADER_BYTES = 20;

/** A parameter of type `text[]`; null and undefined are NULL. */
export function textArray(items: readonly (string | null | undefined)[]): Buffer {
  const lengths = items.map((item) => (item == null ? -1 : Buffer.byteLength(item)));
  const bytes = lengths.reduce((sum, length) => sum + 4 + Math.max(length, 0), 0);
  const buffer = withHeader(TEXT, items.length, bytes);
  let at = HEADER_BYTES;
  for (const [index, item] of items.entries()) {
    at = buffer.writeInt32BE(lengths[index] as number, at);
    if (item != null) at += buffer.write(item, at);
  }
  return buffer;
}

/** A parameter of type `int4[]`. */
export function intArray(items: readonly number[]): Buffer {
  const buffer = withHeader(INT4, items.length, items.length * 8);
  let at = HEADER_BYTES;
  for (const item of items) {
    at = buffer.writeInt32BE(4, at);
    at = buffer.writeInt32BE(item, at);
  }
  return buffer;
}

/** One dimension, from 1, NULL allowed. */
function withHeader(type: number, count: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  for (const [index, field] of [1, 1, type, count, 1].entries()) buffer.writeInt32BE(field, index * 4);
  return buffer;
}
