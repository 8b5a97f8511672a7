/**
 * Reads JSON *text* where parsing would lose something: the exact characters of a member (`1.0`, `{"b":1,"1":2}` and
 * 2^60 do not survive parse and stringify), and its depth before anything walks it.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** Index just past the string that starts at the quote at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
    at++;
  }
}

/** Whether valid JSON `text` nests deeper than `limit` arrays and objects. */
export function nestsDeeperThan(text: string, limit: number): boolean {
  // Each level takes an opening and a closing character, so most frames need no look.
  if (text.length < 2 * (limit + 1)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at) - 1;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
  }
  return false;
}

function skipSpace(text: string, at: number): number {
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** Index just past the value that starts at `start`. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  let at = start;
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    while (at < text.length) {
      const char = text.charCodeAt(at);
      if (char === 0x2c || char === CLOSE_BRACE || char === CLOSE_BRACKET || char <= 0x20) break;
      at++;
    }
    return at;
  }
  let depth = 0;
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at) - 1;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return at;
}

/** Whether the string from its quote at `start` to `end` says `key`. One with escapes is longer than what it says. */
function isKey(text: string, start: number, end: number, key: string): boolean {
  const length = end - start - 2;
  if (length <= key.length) return length === key.length && text.startsWith(key, start + 1);
  const source = text.slice(start, end);
  return source.includes('\\') && JSON.parse(source) === key;
}

/**
 * The exact text of the member at `path` of valid JSON `text`, or undefined where there is none. Of a key given twice the
 * last counts, as with `JSON.parse`.
 */
export function rawMember(text: string, ...path: string[]): string | undefined {
  let start = skipSpace(text, 0);
  let end = text.length;
  for (const key of path) {
    if (text.charCodeAt(start) !== OPEN_BRACE) return undefined;
    let found = false;
    let foundStart = 0;
    let foundEnd = 0;
    let at = skipSpace(text, start + 1);
    while (at < end && text.charCodeAt(at) === QUOTE) {
      const keyEnd = endOfString(text, at);
      const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
      const valueEnd = endOfValue(text, valueStart);
      if (isKey(text, at, keyEnd, key)) {
        found = true;
        foundStart = valueStart;
        foundEnd = valueEnd;
      }
      at = skipSpace(text, valueEnd);
      if (text.charCodeAt(at) !== 0x2c) break;
      at = skipSpace(text, at + 1);
    }
    if (!found) return undefined;
    start = foundStart;
    end = foundEnd;
  }
  return text.slice(start, end);
}
