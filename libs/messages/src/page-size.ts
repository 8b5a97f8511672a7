/** About what surrounds the content of an encoded message. */
const ENVELOPE_BYTES = 256;

type Sized = { readonly contentJson: string };

function bytesOf({ contentJson }: Sized): number {
  return ENVELOPE_BYTES + Buffer.byteLength(contentJson);
}

/**
 * As many messages of a page as fit into `maxBytes`, at least one: the newest of them or the oldest. One answer must not be
 * what ends its reader as a slow consumer.
 */
export function fittingPage<M extends Sized>(messages: readonly M[], newest: boolean, maxBytes: number): readonly M[] {
  let bytes = 0;
  let count = 0;
  while (count < messages.length) {
    bytes += bytesOf(messages[newest ? messages.length - 1 - count : count] as M);
    if (count > 0 && bytes > maxBytes) break;
    count++;
  }
  if (count === messages.length) return messages;
  return newest ? messages.slice(messages.length - count) : messages.slice(0, count);
}

/** Whether all of them fit into one answer. */
export function fitsWhole(messages: readonly Sized[], maxBytes: number): boolean {
  // Mostly they do, whatever characters they are made of: counting bytes would take longer than finding the messages.
  const most = messages.reduce((sum, { contentJson }) => sum + ENVELOPE_BYTES + 3 * contentJson.length, 0);
  if (most <= maxBytes) return true;
  let bytes = 0;
  return messages.every((message) => (bytes += bytesOf(message)) <= maxBytes);
}
