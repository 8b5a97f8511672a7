import { redisGlob } from './redis/redis-glob.js';
import { isWildcard, subjectMatches } from './subject-match.js';

describe('subjectMatches', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.b.c', false],
    ['a.b.c', 'a.b', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a', false],
    ['a.*', 'a.b.c', false],
    ['*.b.*', 'a.b.c', true],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a', true],
    ['a.>.c', 'a.b.c', false],
    ['a*', 'ab', false],
  ])('%s, %s: %s', (pattern, subject, matches) => {
    expect(subjectMatches(pattern, subject)).toBe(matches);
  });
});

describe('redisGlob', () => {
  it.each([
    ['a.*.c', 'a.*.c'],
    ['a.>', 'a.*'],
    ['a.x?[y].*', String.raw`a.x\?\[y\].*`],
    [String.raw`a\b.*`, String.raw`a\\b.*`],
    ['a*.>', String.raw`a\*.*`],
  ])('%s is asked for as %s', (pattern, glob) => {
    expect(redisGlob(pattern)).toBe(glob);
    expect(isWildcard(glob)).toBe(true);
  });
});
