import { type ClaimRules, type Claims, readClaims } from './claims.js';

const rules: ClaimRules = {
  nowS: 1000,
  issuer: 'hubbub',
  roles: { player: ['send:message', 'roll:dice'], 'a b': ['join:room'] },
};
const good = { user_id: 'alice', username: 'Alice', iss: 'hubbub', exp: 2000, iat: 900 };
const read = (claims: object, more: Partial<ClaimRules> = {}): Claims => readClaims(claims, { ...rules, ...more });
const refused = (claims: object, more: Partial<ClaimRules> = {}): string => {
  try {
    read(claims, more);
  } catch (error) {
    return (error as Error).name;
  }
  return 'accepted';
};

describe('claims of a token', () => {
  it('name the user, his permissions and the times', () => {
    expect(read({ ...good, permissions: ['send:message'], jti: 'j', sid: 's' })).toEqual({
      userId: 'alice',
      username: 'Alice',
      grants: ['send:message'],
      expiresAtS: 2000,
      issuedAtS: 900,
      tokenId: 'j',
      sessionId: 's',
    });
  });

  it('may give the user as sub, and leave out name and iat', () => {
    const { user_id: _, username: __, iat: ___, ...rest } = good;
    expect(read({ ...rest, sub: 'bob' })).toMatchObject({ userId: 'bob', username: 'bob', issuedAtS: 0 });
  });

  it.each([
    ['no user', { ...good, user_id: undefined }],
    ['a number as user', { ...good, user_id: 7 }],
    ['a number as user beside a good sub', { ...good, user_id: 7, sub: 'alice' }],
    ['an empty user', { ...good, user_id: '' }],
    ['a user with a control character', { ...good, user_id: 'a\nb' }],
    ['a user of 129 characters', { ...good, user_id: 'x'.repeat(129) }],
    ['an anonymous user', { ...good, user_id: 'anon:1234' }],
    ['an anonymous user as sub', { ...good, user_id: undefined, sub: 'anon:1234' }],
    ['an object as username', { ...good, username: {} }],
    ['no exp', { ...good, exp: undefined }],
    ['exp as text', { ...good, exp: '2000' }],
    ['exp null', { ...good, exp: null }],
    ['iat as text', { ...good, iat: 'now' }],
    ['a negative iat', { ...good, iat: -1 }],
    ['nbf in the future', { ...good, nbf: 1001 }],
    ['no issuer', { ...good, iss: undefined }],
    ['another issuer', { ...good, iss: 'else' }],
    ['another issuer in an expired token', { ...good, iss: 'else', exp: 1 }],
    ['a number as jti', { ...good, jti: 1 }],
    ['an empty jti', { ...good, jti: '' }],
    ['half a surrogate pair in jti', { ...good, jti: '\ud800' }],
    ['a huge sid', { ...good, sid: 'x'.repeat(257) }],
  ])('are refused as InvalidToken with %s', (_, claims) => {
    expect(refused(claims)).toBe('InvalidToken');
  });

  it.each(['text', null, undefined, 7])('are refused as InvalidToken when the payload is %p', (payload) => {
    expect(() => readClaims(payload, rules)).toThrow(expect.objectContaining({ name: 'InvalidToken' }));
  });

  it('are refused as TokenExpired from the second that exp names', () => {
    expect(refused({ ...good, exp: 1001 })).toBe('accepted');
    expect(refused({ ...good, exp: 1000 })).toBe('TokenExpired');
    expect(refused({ ...good, exp: 0 })).toBe('TokenExpired');
  });

  it('must name the audience, if one is configured, alone or among others', () => {
    const audience = 'chat';
    expect(refused(good, { audience })).toBe('InvalidToken');
    expect(refused({ ...good, aud: 'other' }, { audience })).toBe('InvalidToken');
    expect(refused({ ...good, aud: ['other'] }, { audience })).toBe('InvalidToken');
    expect(refused({ ...good, aud: 'chat' }, { audience })).toBe('accepted');
    expect(refused({ ...good, aud: ['other', 'chat'] }, { audience })).toBe('accepted');
  });

  it('grant nothing by permissions that are no array of strings', () => {
    expect(read({ ...good, permissions: 'admin:system' }).grants).toEqual([]);
    expect(read({ ...good, permissions: { 0: 'admin:system' } }).grants).toEqual([]);
    expect(read({ ...good, permissions: ['send:message', 7, null] }).grants).toEqual(['send:message']);
  });

  it('grant what the configuration gives to the roles they name, beside their permissions', () => {
    expect(read({ ...good, permissions: ['read:message'], roles: ['player', 'unknown'] }).grants).toEqual([
      'read:message',
      'send:message',
      'roll:dice',
    ]);
    expect(read({ ...good, roles: 'player' }).grants).toEqual([]);
  });

  it('grant nothing by roles named like what every object has', () => {
    expect(read({ ...good, roles: ['constructor', '__proto__', 'toString'] }).grants).toEqual([]);
  });
});
