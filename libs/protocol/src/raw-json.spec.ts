import fc from 'fast-check';
import { nestsDeeperThan, rawMember } from './raw-json.js';

describe('rawMember', () => {
  it('keeps every character of what parse and stringify would change', () => {
    for (const content of ['1.0', '{"b":1,"1":2}', '12345678901234567890', '"\\u0041"', '[ 1 , 2 ]', '1e400', 'null']) {
      const frame = `{ "message_type" : "x", "data" : {"room_id":"r", "content": ${content} } }`;
      expect(rawMember(frame, 'data', 'content')).toBe(content);
    }
  });

  it('is not misled by braces, quotes and keys inside strings', () => {
    const frame = String.raw`{"data":{"a":"\"content\":{[\\","content":"}]\\\""}}`;
    expect(rawMember(frame, 'data', 'content')).toBe(String.raw`"}]\\\""`);
  });

  it('takes the last of a key given twice, and reads escaped keys, as JSON.parse does', () => {
    expect(rawMember('{"data":{"content":1},"data":{"content":2,"con\\u0074ent":3}}', 'data', 'content')).toBe('3');
  });

  it('has no member where there is none', () => {
    expect(rawMember('{"data":[1]}', 'data', 'content')).toBeUndefined();
    expect(rawMember('{"data":{}}', 'data', 'content')).toBeUndefined();
    expect(rawMember('{}', 'data')).toBeUndefined();
    expect(rawMember('7', 'data')).toBeUndefined();
  });

  it('agrees with JSON.parse for any value, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (content, other, space) => {
        const frame = JSON.stringify({ other, data: { x: other, content, y: other } }, null, space);
        expect(JSON.parse(rawMember(frame, 'data', 'content') ?? '')).toEqual(JSON.parse(JSON.stringify(content)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('nestsDeeperThan', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it('allows the limit and not one more', () => {
    expect(nestsDeeperThan(nested(64), 64)).toBe(false);
    expect(nestsDeeperThan(nested(65), 64)).toBe(true);
  });

  it('does not count brackets in strings, nor width as depth', () => {
    expect(nestsDeeperThan(JSON.stringify('['.repeat(500)), 64)).toBe(false);
    expect(nestsDeeperThan(JSON.stringify(Array.from({ length: 200 }, () => [{}])), 64)).toBe(false);
  });
});
