import { likeness, sketchOf } from './sketch.js';
import { textOf } from './text-of.js';

const like = (one: string, other: string) => likeness(sketchOf(one), sketchOf(other));

describe('likeness', () => {
  it.each([
    ['case, blanks and punctuation', 'Buy cheap watches now', 'BUY   cheap, watches... NOW!!!'],
    ['accents', 'Übung', 'ubung'],
    ['what cannot be seen', 'watches', 'wat\u200bches'],
  ])('does not see %s', (_what, one, other) => {
    expect(like(one, other)).toBe(1);
  });

  it.each([
    [
      'with another number',
      'Buy cheap watches at example.com now, offer 17',
      'Buy cheap watches at example.com now, offer 23',
    ],
    ['with a word more', 'visit my channel for free coins everybody', 'hey visit my channel for free coins everybody'],
  ])('is high for one text %s', (_how, one, other) => {
    expect(like(one, other)).toBeGreaterThan(0.75);
  });

  it.each([
    ['two texts', 'how are you today', 'the meeting is at noon'],
    ['two short ones', 'yes', 'yet'],
    ['one and a part of it', 'no', 'no, I do not think that we should'],
    ['two signs', '👍', '👎'],
    ['text and nothing', 'text', ''],
  ])('is low for %s', (_what, one, other) => {
    expect(like(one, other)).toBeLessThan(0.6);
  });

  it('is known of long texts to a few hundredths', () => {
    const words = Array.from({ length: 400 }, (_, n) => `word${n * 7919}`);
    const changed = words.map((word, n) => (n % 20 === 0 ? `other${n}` : word));
    expect(sketchOf(words.join(' '))).toHaveLength(64);
    expect(like(words.join(' '), changed.join(' '))).toBeGreaterThan(0.75);
  });

  it('knows signs and nothing again', () => {
    expect([like('👍 👍', '👍👍'), like('', ' ')]).toEqual([1, 1]);
  });
});

describe('textOf', () => {
  it.each([
    ['text', 'hi', 'hi'],
    ['an object', { type: 'text', body: { text: 'hi', n: 1 } }, 'text\nhi'],
    ['a list', ['a', { b: ['c', null, true] }], 'a\nc'],
    ['what has none', { n: 1, x: null }, ''],
    ['nothing', null, ''],
  ])('reads %s', (_what, content, text) => {
    expect(textOf(content)).toBe(text);
  });
});
