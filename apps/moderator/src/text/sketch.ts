import { fold } from './fold.js';

/** As many as make the likeness of long texts known to a few hundredths; that of short ones is exact. */
const SIZE = 64;
/** Who repeats a long text repeats its beginning. */
const MAX_LENGTH = 4000;

/**
 * By which a text is known again, and from which it cannot be read: the least hashes of its triples of letters, ascending.
 * Case, accents, blanks and punctuation do not count where there are letters.
 */
export type Sketch = Uint32Array;

export function sketchOf(text: string): Sketch {
  const folded = fold(text.slice(0, MAX_LENGTH));
  const letters = folded.replace(/[^\p{L}\p{N}]+/gu, '') || folded.replace(/\s+/gu, '');
  const signs = ['', '', ...letters, '', ''];
  const hashes = new Set<number>();
  for (let at = 2; at < signs.length; at++) hashes.add(hash(`${signs[at - 2]}\0${signs[at - 1]}\0${signs[at]}`));
  return Uint32Array.from(hashes).sort().slice(0, SIZE);
}

/** What part of all triples two texts have in common, 0 to 1: that of the least hashes of both. */
export function likeness(one: Sketch, other: Sketch): number {
  let [common, seen, i, j] = [0, 0, 0, 0];
  while (seen < SIZE && (i < one.length || j < other.length)) {
    const [a, b] = [one[i] ?? Infinity, other[j] ?? Infinity];
    if (a === b) common++;
    if (a <= b) i++;
    if (b <= a) j++;
    seen++;
  }
  return common / seen;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
