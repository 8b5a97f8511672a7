/** Letters of other alphabets that are drawn like one of the Latin one, after folding: Cyrillic, then Greek. */
const LETTERS = new Map([
  ...pairs('авгеѕіјкмнорсԁтухьѵԛԝһ', 'abresijkmhopcdtyxbvqwh'),
  ...pairs('αβγεηικνορτυχω', 'abyenikvoptuxw'),
]);
const SIGNS = new Map(pairs('03457@$', 'oeastas'));
/** What a one stands for is said by the word. */
const ONES = ['i', 'l'];

const LATIN = /\p{Script=Latin}/u;
const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const SIGN = /[013457@$]/;

/**
 * The words that a folded word may be read as because of how it is drawn. Only one that mixes alphabets, or has signs among
 * letters, is read otherwise: no honest word of a language does the one, and figures alone stay figures.
 */
export function readings(word: string): readonly string[] {
  const mixed = LATIN.test(word) && FOREIGN.test(word);
  const signed = SIGN.test(word) && /\p{L}/u.test(word);
  if (!mixed && !signed) return [];
  const latin = mixed ? replaced(word, LETTERS) : word;
  if (!signed) return [latin];
  const spelt = replaced(latin, SIGNS);
  return spelt.includes('1') ? ONES.map((letter) => spelt.replaceAll('1', letter)) : [spelt];
}

function replaced(word: string, by: ReadonlyMap<string, string>): string {
  return Array.from(word, (sign) => by.get(sign) ?? sign).join('');
}

function pairs(from: string, to: string): [string, string][] {
  const letters = [...to];
  return [...from].map((sign, at) => [sign, letters[at] ?? sign]);
}
