/** Most characters of content in one page: what a connection is sent at once must stay far below what ends a slow one. */
const MOST_CHARS = 1024 * 1024;

/** As many messages of a page as fit, at least one: the newest of them or the oldest. Pages may be shorter than asked for. */
export function fittingPage<M extends { readonly contentJson: string }>(messages: M[], newest: boolean): M[] {
  let chars = 0;
  let count = 0;
  while (count < messages.length) {
    const message = messages[newest ? messages.length - 1 - count : count] as M;
    chars += message.contentJson.length;
    if (count > 0 && chars > MOST_CHARS) break;
    count++;
  }
  if (count === messages.length) return messages;
  return newest ? messages.slice(messages.length - count) : messages.slice(0, count);
}
