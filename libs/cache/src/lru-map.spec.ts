import { LruMap } from './lru-map.js';

describe('LruMap', () => {
  const found = (map: LruMap<number, string>, keys: number) =>
    Array.from({ length: keys }, (_, key) => key).filter((key) => map.get(key) !== undefined);

  it.each([1, 2, 3, 10, 101])('has %i entries at most', (limit) => {
    const map = new LruMap<number, string>(() => limit);
    for (let key = 0; key < 500; key++) {
      map.set(key, 'x');
      expect(map.get(key)).toBe('x');
    }
    const left = found(map, 500).length;
    expect(left).toBeLessThanOrEqual(limit);
    expect(left).toBeGreaterThanOrEqual(Math.floor(limit / 2));
  });

  it('keeps what is used, and lets go of what is not', () => {
    const map = new LruMap<number, string>(() => 10);
    for (let key = 0; key < 100; key++) {
      map.set(key, 'x');
      map.get(0);
    }
    expect([map.get(0), map.get(1), map.get(99)]).toEqual(['x', undefined, 'x']);
  });

  it('has what was set last, and nothing that was deleted', () => {
    const map = new LruMap<number, string>(() => 3);
    map.set(0, 'a');
    map.set(1, 'b');
    map.set(0, 'c');
    expect(map.get(0)).toBe('c');
    map.delete(0);
    expect([map.get(0), map.get(1)]).toEqual([undefined, 'b']);
    map.clear();
    expect(map.get(1)).toBeUndefined();
  });
});
