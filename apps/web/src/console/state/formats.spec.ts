import { makeFormats, NONE } from './formats.js';

const en = makeFormats('en');
/** As the eye reads it: with plain spaces. */
const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('figures in the console', () => {
  it('have three digits that say something, and a unit', () => {
    expect([0, 0.42, 4.256, 42.51, 423.4, 999.6, 12_345].map((value) => plain(en.millis(value)))).toEqual([
      ...['0 ms', '0.42 ms', '4.26 ms', '42.5 ms', '423 ms', '1 s', '12.3 s'],
    ]);
    expect([0, 1023, 1024, 5_300_000, 431_900_000, 2 ** 41].map((value) => plain(en.bytes(value)))).toEqual([
      ...['0 B', '1,023 B', '1 KiB', '5.05 MiB', '412 MiB', '2 TiB'],
    ]);
    expect([0, 0.25, 9.96, 1204.4].map(en.rate)).toEqual(['0/s', '0.3/s', '10/s', '1,204/s']);
    expect([0, 0.004, 0.42, 1.9].map(en.percent)).toEqual(['0%', '0.4%', '42%', '190%']);
  });

  it('of time name the two largest units', () => {
    const times = [0, 999, 59_000, 61_000, 3_600_000, 15_120_000, 273_600_000 + 59_000];
    expect(times.map((value) => plain(en.duration(value)))).toEqual([
      ...['0 s', '0 s', '59 s', '1 min 1 s', '1 h', '4 h 12 min', '3 d 4 h'],
    ]);
  });

  it('that were not measured are a dash, and nought is nought', () => {
    expect([en.count, en.rate, en.millis, en.bytes, en.percent, en.duration].map((format) => format(null))).toEqual(
      Array.from({ length: 6 }, () => NONE),
    );
    expect(en.count(0)).toBe('0');
  });

  it('of when something was leave out what everybody knows', () => {
    const now = Date.UTC(2026, 10, 21, 12);
    const british = makeFormats('en-GB');
    const yesterday = british.when(now - 30 * 3_600_000, now);
    expect(british.when(now, now)).toBe(british.clock(now));
    expect([yesterday.includes('Nov'), yesterday.includes('2026')]).toEqual([true, false]);
    expect(british.when(now - 400 * 86_400_000, now)).toContain('2025');
  });

  it('on axes are short in the language of the reader', () => {
    expect([0, 0.25, 950, 12_300, 100_000].map(en.short)).toEqual(['0', '0.25', '950', '12.3K', '100K']);
    expect(makeFormats('zh').short(120_000)).toBe('12万');
  });
});
