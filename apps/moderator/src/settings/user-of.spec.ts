import { userOf } from './user-of.js';

const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

describe('userOf', () => {
  it.each([
    ['the user of a token', token({ user_id: 'service:moderator', sub: 'other' }), 'service:moderator'],
    ['its subject', token({ sub: 'service:mödérator' }), 'service:mödérator'],
    ['whom NATS lets in without one', '', 'service:nats'],
    ['nobody of one without a user', token({ user_id: 7 }), undefined],
    ['nobody of what is none', 'secret', undefined],
  ])('is %s', (_what, text, user) => {
    expect(userOf(text)).toBe(user);
  });
});
