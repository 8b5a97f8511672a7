import { fold } from './fold.js';
import { readings } from './lookalikes.js';

/** A word, or what is written for one: signs stand in for letters. */
const WORD = /[\p{L}\p{M}\p{N}@$]+/gu;
/** Signs that stand for themselves: addresses, prices. */
const PLAIN_SIGNS = /[@$]+/;
/** At least three letters, each alone between blanks or points: `b a d`, `b.a.d`. */
const SPELT_OUT = /(?<![\p{L}\p{N}])[\p{L}\p{N}@$](?:[^\p{L}\p{N}\n]{1,2}[\p{L}\p{N}@$]){2,}(?![\p{L}\p{N}])/gu;
const BETWEEN = /[^\p{L}\p{M}\p{N}@$]/gu;
const STRETCHED = /(.)\1\1/u;
const RUN = /(.)\1*/gu;
/** Is written without blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Words and phrases that are not wanted. Whole words only, whatever their case and accents, and also where they are disguised:
 * by letters of other alphabets, by signs for letters, spelt out, or drawn out. Languages without blanks have them anywhere.
 */
export class WordList {
  /** Each as words with a blank on either side. */
  private readonly words = new Set<string>();
  private readonly phrases: string[] = [];
  private readonly anywhere: string[] = [];
  /** By the word with each run of a letter taken for one. */
  private readonly byOutline = new Map<string, string[]>();

  /** @param entries one word or phrase each; those without a letter or figure are left out */
  constructor(entries: Iterable<string>) {
    for (const entry of entries) this.add(fold(entry).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
  }

  get size(): number {
    return this.words.size + this.phrases.length + this.anywhere.length;
  }

  /** Whether a text has one of them. */
  isIn(text: string): boolean {
    const folded = fold(text);
    return (
      this.anywhere.some((word) => folded.includes(word)) ||
      wordsOf(folded).some((word) => this.has(word)) ||
      this.hasPhrase(folded)
    );
  }

  private add(words: readonly string[]): void {
    const [word = ''] = words;
    if (words.length > 1) this.phrases.push(` ${words.join(' ')} `);
    else if (UNSPACED.test(word)) this.anywhere.push(word);
    else if (word !== '') {
      this.words.add(word);
      const outline = outlineOf(word);
      this.byOutline.set(outline, [...(this.byOutline.get(outline) ?? []), word]);
    }
  }

  private has(word: string): boolean {
    if (this.words.has(word)) return true;
    // Only what is drawn out beyond what any spelling has: `lose` is not `loose`.
    return STRETCHED.test(word) && (this.byOutline.get(outlineOf(word)) ?? []).some((short) => isDrawnOut(short, word));
  }

  private hasPhrase(folded: string): boolean {
    if (this.phrases.length === 0) return false;
    const words = folded.match(WORD) ?? [];
    const plain = ` ${words.join(' ')} `;
    const read = ` ${words.map((word) => readings(word)[0] ?? word).join(' ')} `;
    return this.phrases.some((phrase) => plain.includes(phrase) || read.includes(phrase));
  }
}

/** The words of a folded text, and what else they may be read as. */
function wordsOf(folded: string): string[] {
  const written = folded.match(WORD) ?? [];
  const spelt = (folded.match(SPELT_OUT) ?? []).map((letters) => letters.replace(BETWEEN, ''));
  const whole = [...written, ...spelt];
  return [...whole, ...whole.flatMap(readings), ...written.flatMap((word) => word.split(PLAIN_SIGNS))];
}

function outlineOf(word: string): string {
  return word.replace(RUN, '$1');
}

/** Of two words with one outline: whether no letter of the second is there less often. */
function isDrawnOut(short: string, long: string): boolean {
  const runs = long.match(RUN) ?? [];
  return (short.match(RUN) ?? []).every((run, at) => run.length <= (runs[at]?.length ?? 0));
}
