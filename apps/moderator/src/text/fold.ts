/** Looks like nothing, or like a blank: soft hyphens, joiners, directions, selectors of variants, fillers. */
const INVISIBLE = /[\p{Cf}\ufe00-\ufe0f\u034f\u115f\u1160\u3164\uffa0]/gu;
/** Only of alphabets where a mark is an ornament: elsewhere it makes another letter, or is the vowel. */
const ACCENTS = /(?<=[\p{Script=Latin}\p{Script=Greek}])[\u0300-\u036f]+/gu;

/** Text without what writers of one word write differently: case, accents, forms of a letter, what cannot be seen. */
export function fold(text: string): string {
  const plain = text.normalize('NFKD').replace(INVISIBLE, '').replace(ACCENTS, '');
  // By way of capitals, so that ß is ss.
  return plain.toUpperCase().toLowerCase().normalize('NFC');
}
