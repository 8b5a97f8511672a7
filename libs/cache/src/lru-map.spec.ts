import { LruMap } from './lru-map.js';

const two = () => 2;

describe('LruMap', () => {
  it('lets go of what was not used for longest', () => {
    const map = new LruMap<string, number>(two);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2]);
  });

  it('does not push anything out when a key is set again', () => {
    const map = new LruMap<string, number>(two);
    map.set('a', 1);
    map.set('b', 2);
    map.set('b', 3);
    expect([map.get('a'), map.get('b')]).toEqual([1, 3]);
  });

  it('keeps to a limit that has become smaller', () => {
    let limit = 3;
    const map = new LruMap<string, number>(() => limit);
    for (const [n, key] of ['a', 'b', 'c'].entries()) map.set(key, n);
    limit = 1;
    map.set('d', 3);
    expect([map.size, map.get('d')]).toEqual([1, 3]);
  });
});
