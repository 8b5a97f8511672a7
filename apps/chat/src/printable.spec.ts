import { printable, printableLines } from './printable.js';

const ESC = '\u001b';

describe('printable', () => {
  it.each([
    ['a colour', `${ESC}[31mred`],
    ['clearing the screen', `${ESC}[2J${ESC}[H`],
    ['a new window title', `${ESC}]0;owned\u0007`],
    ['a question that the terminal answers', `${ESC}[6n`],
    ['the same in eight bits', '\u009b2J'],
    ['going back over the line', 'pay 1\b\b\b\b\bpay 9\r'],
    ['text turned around', 'user\u202egpj.exe'],
    ['an isolated run turned around', '\u2067abc\u2069'],
    ['a line separator', 'a\u2028b'],
    ['nothing and delete', '\u0000\u007f'],
  ])('takes its power from %s', (_what, text) => {
    // oxlint-disable-next-line no-control-regex
    expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
  });

  it('shows what it took', () => {
    expect(printable(`${ESC}[2J\n\t`)).toBe('\\u001b[2J\\n ');
  });

  it('leaves the writing of the world alone', () => {
    const text = 'žluťoučký 日本語 עברית 👩‍👩‍👧 “quotes” — dash';
    expect(printable(text)).toBe(text);
  });
});

describe('printableLines', () => {
  it('keeps lines, indented so that none can pass for a message of somebody else', () => {
    expect(printableLines(`hi\r\n12:00 bob: I agree\n${ESC}[2J`)).toBe(
      'hi\n      12:00 bob: I agree\n      \\u001b[2J',
    );
  });
});
