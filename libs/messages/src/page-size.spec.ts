import { fitsWhole, fittingPage } from './page-size.js';

const sized = (...contents: number[]) => contents.map((bytes, n) => ({ seq: n + 1, contentJson: 'x'.repeat(bytes) }));
const seqs = (messages: readonly { seq: number }[]) => messages.map(({ seq }) => seq);

describe('a page', () => {
  it('keeps the newest or the oldest that fit, and always one', () => {
    const messages = sized(700, 700, 700);
    expect(seqs(fittingPage(messages, true, 2000))).toEqual([2, 3]);
    expect(seqs(fittingPage(messages, false, 2000))).toEqual([1, 2]);
    expect(seqs(fittingPage(messages, true, 1))).toEqual([3]);
    expect(fittingPage(messages, true, 100_000)).toBe(messages);
  });

  it('counts bytes, not characters', () => {
    const wide = [{ contentJson: '名'.repeat(1000) }];
    expect(fitsWhole(wide, 2000)).toBe(false);
    expect(fitsWhole(wide, 3256)).toBe(true);
  });
});
