import { encodeData, namedReply, RawJson } from './raw-json-reply.js';

describe('the data of a reply', () => {
  it('is an empty object when a handler returns nothing', () => {
    expect(encodeData(undefined)).toBe('{}');
  });

  it('is the very text of a RawJson', () => {
    expect(encodeData(new RawJson('{"b":1.0,"1":2}'))).toBe('{"b":1.0,"1":2}');
  });

  it.each([
    [null, 'null'],
    ['a', '"a"'],
    [[1], '[1]'],
    [{ a: 1 }, '{"a":1}'],
    [0, '0'],
  ])('of %j is %s', (value, text) => {
    expect(encodeData(value)).toBe(text);
  });

  it.each([[Symbol('a')], [() => 1], [1n]])('refuses what JSON cannot hold', (value) => {
    expect(() => encodeData(value)).toThrow(TypeError);
  });

  it('refuses a circle', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() => encodeData(circle)).toThrow(TypeError);
  });
});

describe('a reply that names its type', () => {
  it('is exactly { event, data }', () => {
    expect(namedReply({ event: 'found', data: 1 })).toEqual({ event: 'found', data: 1 });
    expect(namedReply({ event: 'found', data: 1, more: 2 })).toBeNull();
    expect(namedReply({ event: 'found' })).toBeNull();
    expect(namedReply({ event: 7, data: 1 })).toBeNull();
    expect(namedReply('found')).toBeNull();
    expect(namedReply(null)).toBeNull();
  });

  it('has a name that an envelope can carry', () => {
    expect(() => namedReply({ event: 'a"b', data: 1 })).toThrow(TypeError);
  });
});
