import { readRoute, routeTo } from './route.js';

describe('addresses in the console', () => {
  it.each([
    [['rooms'], { sort: 'members', prefix: 'a&b=c' }],
    [['users', 'ünïcode/with a slash?#%'], {}],
    [['rooms', 'lobby', 'members'], { cursor: '#1' }],
  ])('say where one is: %j %j', (path, query) => {
    expect(readRoute(routeTo(path, query))).toEqual({ path, query });
  });

  it('lead to the overview where they say nothing, and stand what people type', () => {
    expect(['', '#', '#/', '#/?x=1'].map((hash) => readRoute(hash).path)).toEqual(
      Array.from({ length: 4 }, () => ['overview']),
    );
    expect(readRoute('#/users/100%').path).toEqual(['users', '100%']);
    expect(routeTo(['audit'], { actor: '', target: undefined })).toBe('#/audit');
  });
});
