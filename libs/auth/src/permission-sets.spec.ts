import { PermissionSets } from './permission-sets.js';

describe('PermissionSets', () => {
  it('gives all who hold the same grants one set', () => {
    const sets = new PermissionSets();
    expect(sets.of(['a:b', 'c:d'])).toBe(sets.of(['a:b', 'c:d']));
    expect(sets.of([])).toBe(sets.of([]));
  });

  it('does not take one list of grants for another', () => {
    const sets = new PermissionSets();
    expect(sets.of(['a:b', 'c:d']).grants).toEqual(['a:b', 'c:d']);
    expect(sets.of(['a:b","c:d']).has('c:d')).toBe(false);
  });
});
