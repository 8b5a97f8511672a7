import { WordList } from './word-list.js';

const list = new WordList([
  'Darn',
  'crap',
  'ass',
  'asshole',
  'idiot',
  'Café noir',
  'straße',
  'дурак',
  '傻瓜',
  'मूर्ख',
  ' ',
  '!?',
]);

describe('WordList', () => {
  it.each([
    ['as it stands', 'oh darn it'],
    ['in capitals', 'DARN!'],
    ['with accents', 'dârñ'],
    ['with marks upon marks', 'd\u0337\u0300a\u0336\u0311r\u0323n'],
    ['in letters of full width', 'ｄａｒｎ'],
    ['in mathematical letters', '𝐝𝐚𝐫𝐧'],
    ['with what cannot be seen in it', 'd\u200ba\u00adr\u2060n'],
    ['with letters of another alphabet', 'dаrn'],
    ['with Greek letters', 'crαp'],
    ['with figures for letters', 'd4rn'],
    ['with a one for an i', '1d10t'],
    ['with signs for letters', 'you @$s'],
    ['with signs and foreign letters', 'сr@p'],
    ['spelt out by blanks', 'such c r a p here'],
    ['spelt out by points', 'c.r.a.p'],
    ['spelt out by two signs', 'c -r -a -p'],
    ['drawn out', 'daaaaarn'],
    ['drawn out everywhere', 'aaasssshhhooooleee'],
    ['between punctuation', '«crap»'],
    ['as a phrase', 'a CAFE noir, please'],
    ['as a phrase over lines', 'cafe\nnoir'],
    ['with a letter that has two capitals', 'STRASSE'],
    ['in Cyrillic', 'Ну ты и ДУРАК'],
    ['in a language without blanks', '你是傻瓜吗'],
    ['in a language with vowel signs', 'तुम मूर्ख हो'],
  ])('finds a word %s', (_how, text) => {
    expect(list.isIn(text)).toBe(true);
  });

  it.each([
    ['inside another word', 'class assassin scrap darning'],
    ['that differs by an accent of another alphabet', 'मूरख'],
    ['in figures alone', '455 4551'],
    ['in a price', 'a$$ets are 455$'],
    ['in an address', 'me@crappy.example'],
    ['over the end of a word', 'cr ap da rn'],
    ['in letters that are words by themselves', 'I a m'],
    ['with a letter less', 'as'],
    ['with a letter doubled, as spelling does', 'craap'],
    ['drawn out from less', 'aaashole'],
    ['as one word of a phrase', 'a cafe, not noir'],
    ['in Cyrillic that looks like it', 'сгар'],
    ['in an empty text', ''],
  ])('does not find one %s', (_where, text) => {
    expect(list.isIn(text)).toBe(false);
  });

  it('takes no entry without a letter', () => {
    expect(list.size).toBe(10);
    expect(new WordList([]).isIn('anything')).toBe(false);
  });

  it('reads a long text as fast as it is long', () => {
    for (const piece of ['a ', 'a.', '@$', 'aaa', 'd\u0300', 'crap']) {
      expect(list.isIn(piece.repeat(65_536 / piece.length))).toBe(false);
    }
  });
});
