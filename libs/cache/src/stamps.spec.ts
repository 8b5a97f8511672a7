import { Stamps } from './stamps.js';

describe('Stamps', () => {
  it('change with their key, and with all', () => {
    const stamps = new Stamps();
    const [a, b] = [stamps.placeOf('a'), stamps.placeOf('b')];
    stamps.change('a');
    expect([stamps.at(a), stamps.at(b)]).toEqual([1, 0]);
    stamps.changeAll();
    expect([stamps.at(a), stamps.at(b)]).toEqual([2, 1]);
  });

  it('spread keys that are alike', () => {
    const stamps = new Stamps();
    const places = Array.from({ length: 4096 }, (_, n) => stamps.placeOf(`room-${n}`));
    // At random 63 % of the places would be taken.
    expect(new Set(places).size).toBeGreaterThan(2200);
    expect(places.every((place) => place >= 0 && place < 4096)).toBe(true);
  });
});
