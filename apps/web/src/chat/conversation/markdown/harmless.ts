/** Controls (but tab and line feed), what turns the direction of writing, and what else ends lines. */
const ODD = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/**
 * Text that shows what it is: characters that are not seen, or turn others around (`photo_gpj.exe`), become visible
 * signs; lines end with a line feed only.
 */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(ODD, visible).toWellFormed();
}

/** A name or label: as `harmless`, on one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\s+/g, ' ').trim();
}

function visible(odd: string): string {
  const code = odd.charCodeAt(0);
  if (code === 0x2028 || code === 0x2029) return '\n';
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
