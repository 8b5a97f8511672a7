/**
 * What others wrote may steer a terminal: clear it, retitle it, answer for its user, or show text in another order than it
 * has. Control characters, line separators and the marks that reorder text; newline and tab too.
 */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text that is safe to show on one line: what is not is written as `\u001b`, newline as `\n`, tab as a space. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => {
    if (char === '\t') return ' ';
    if (char === '\n') return '\\n';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** As `printable`, but lines stay lines: all after the first are indented, so that none can pass for another message. */
export function printableLines(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line, index) => (index === 0 ? '' : '      ') + printable(line))
    .join('\n');
}
