import { hashOf, keyOf, targetOf } from './target.js';

describe('addresses within the page', () => {
  it.each([
    ['#/room/lobby', { kind: 'room', id: 'lobby' }],
    ['#/user/bob', { kind: 'direct', id: 'bob' }],
    ['#/user/a%2Fb%20%E4%B8%AD', { kind: 'direct', id: 'a/b 中' }],
  ] as const)('%s leads to a conversation, and the conversation has that address', (hash, target) => {
    expect(targetOf(hash)).toEqual(target);
    expect(hashOf(target)).toBe(hash);
  });

  it.each(['', '#', '#/', '#/rooms', '#/room/', '#/room/a/b', '#/user/%E4', '#/else/a', 'javascript:alert(1)'])(
    '%j leads to none',
    (hash) => {
      expect(targetOf(hash)).toBeNull();
    },
  );

  it('a room and a person of the same id are two conversations', () => {
    expect(keyOf({ kind: 'room', id: 'bob' })).not.toBe(keyOf({ kind: 'direct', id: 'bob' }));
  });
});
