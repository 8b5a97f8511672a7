import fc from 'fast-check';
import { VersionLine } from './version-line.js';

describe('VersionLine', () => {
  it('gives changes in order from where the whole was read, and knows when it lacks some', () => {
    const line = new VersionLine<string>();
    expect([line.offer(4, 'four'), line.at, line.isBehind]).toEqual([[], null, true]);
    expect(line.offer(3, 'three')).toEqual([]);
    expect(line.reset(3)).toEqual(['four']);
    expect([line.at, line.isBehind]).toEqual([4, false]);
    expect(line.offer(6, 'six')).toEqual([]);
    expect(line.isBehind).toBe(true);
    expect(line.offer(5, 'five')).toEqual(['five', 'six']);
    expect(line.offer(5, 'again')).toEqual([]);
    line.expect(7);
    expect(line.isBehind).toBe(true);
    expect(line.reset(7)).toEqual([]);
    expect(line.isBehind).toBe(false);
  });

  it('never goes back, as a reading may come late', () => {
    const line = new VersionLine<string>();
    line.reset(5);
    expect(line.reset(3)).toEqual([]);
    expect(line.at).toBe(5);
  });

  it('gives each change once and in order, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 })), fc.nat(4), (versions, start) => {
        const line = new VersionLine<number>();
        const got = line.reset(start);
        for (const version of versions) got.push(...line.offer(version, version));
        const known = new Set(versions);
        const expected: number[] = [];
        for (let next = start + 1; known.has(next); next++) expected.push(next);
        expect(got).toEqual(expected);
        expect(line.isBehind).toBe(Math.max(0, ...versions) > start + expected.length);
      }),
    );
  });
});
