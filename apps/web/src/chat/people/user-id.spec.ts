import { userIdOf } from './user-id.js';

const alice = { userId: 'alice', username: 'Alice' };
const known = [
  { userId: 'bob', username: 'Bob' },
  { userId: 'auth0|7F', username: 'Carol C.' },
];

describe('who is meant by what was typed', () => {
  it.each([
    ['an account of this server, whatever the case', ' Nina ', 'nina'],
    ['a person who is known, by name', 'carol c.', 'auth0|7F'],
    ['a person who is known, by id', 'auth0|7F', 'auth0|7F'],
    ['an id of another issuer, as it is', 'auth0|9X', 'auth0|9X'],
  ])('is %s', (_, typed, id) => {
    expect(userIdOf(typed, { me: alice, known })).toBe(id);
  });

  it('is the very id where the ids are of another issuer', () => {
    expect(userIdOf('U7F', { me: { userId: 'U12', username: 'Alice' }, known })).toBe('U7F');
  });

  it('is the very id where two have the name', () => {
    const twins = [...known, { userId: 'x|2', username: 'carol c.' }];
    expect(userIdOf('Carol C.', { me: alice, known: twins })).toBe('Carol C.');
  });
});
