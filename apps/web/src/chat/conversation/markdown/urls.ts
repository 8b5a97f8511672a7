const SCHEME = /^(https?:\/\/|mailto:)/i;
/** A link that nobody can read is no link. */
const MAX_URL = 2048;

/**
 * The address as the browser will have it, if it is one that a message may lead to: http, https or mailto, in full.
 * Anything else (`javascript:`, `data:`, relative ones) is null.
 */
export function safeUrl(text: string): string | null {
  if (text.length > MAX_URL || !SCHEME.test(text)) return null;
  try {
    const { protocol, href } = new URL(text);
    return protocol === 'http:' || protocol === 'https:' || protocol === 'mailto:' ? href : null;
  } catch {
    return null;
  }
}

/** As `safeUrl`, for what is shown as a picture: mail has none. */
export function safeImage(text: string): string | null {
  const href = safeUrl(text);
  return href?.startsWith('mailto:') ? null : href;
}

/** Where a link leads: `example.org`, or the address of mail. */
export function hostOf(href: string): string {
  const { host, pathname } = new URL(href);
  return host || pathname;
}

/** Whether the words of a link look like an address, and another one than it leads to. */
export function misleads(label: string, href: string): boolean {
  const address = safeUrl(label.trim());
  // Of an address the host counts; a file in its path may look like another.
  if (address !== null) return bare(hostOf(address)) !== bare(hostOf(href));
  const named = /(?:^|[\s/@])((?:[\p{L}\d-]{1,63}\.){1,8}\p{L}{2,24})(?=$|[\s/:?#])/u.exec(label.slice(0, 300))?.[1];
  return named !== undefined && bare(hostOf(href)) !== bare(named);
}

/** A host without its port and the `www.` that stands for the same. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^www\./, '');
}

/**
 * Where the bare address that begins at `from` ends; `from` itself if there is none.
 * ASCII only: in Chinese nothing stands between an address and the next word, and whoever copies one gets it encoded.
 * @param isLabel it stands in a bracket that may be closed behind it
 */
export function endOfBareUrl(text: string, from: number, isLabel = false): number {
  const scheme = /^https?:\/\//i.exec(text.slice(from, from + 8))?.[0];
  if (scheme === undefined) return from;
  let end = from + scheme.length;
  let open = 0;
  for (; end < text.length && isUrlCharacter(text.charCodeAt(end)); end++) {
    if (isLabel && text[end] === ']') break;
    if (text[end] === '(') open++;
    else if (text[end] === ')') open--;
  }
  // What ends a sentence does not belong to the address; a bracket does if it was opened in it.
  for (; end > from + scheme.length; end--) {
    const last = text[end - 1] as string;
    if (last === ')' && open < 0) open++;
    else if (!'.,;:!?\'"*_~]'.includes(last)) break;
  }
  return end > from + scheme.length ? end : from;
}

/** Printable ASCII, but what quotes addresses: `<`, `>`, `"`, `` ` ``, `\`. */
function isUrlCharacter(code: number): boolean {
  return (
    code > 0x20 && code < 0x7f && code !== 0x3c && code !== 0x3e && code !== 0x22 && code !== 0x60 && code !== 0x5c
  );
}
