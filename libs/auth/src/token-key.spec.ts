import { JwtService } from '@nestjs/jwt';
import { TokenKey } from './token-key.js';

const SECRET = '0123456789abcdef0123456789abcdef';
const key = TokenKey.ofSecret(SECRET);

describe('a token key', () => {
  let computed: jest.SpyInstance;
  beforeEach(() => (computed = jest.spyOn(JwtService.prototype, 'verify')));
  afterEach(() => jest.restoreAllMocks());

  it('computes the signature of a token once, and reads what it says each time', () => {
    const claims = { sub: 'u1', username: 'Zoë', permissions: ['join:room'], exp: 1, iat: 1 };
    const token = key.sign(claims);
    const first = key.verify(token) as typeof claims;
    // What one reader does to it is nothing to the next.
    first.permissions.push('admin:system');
    expect(key.verify(`Bearer ${token}`.slice(7))).toEqual(claims);
    expect(computed).toHaveBeenCalledTimes(1);
  });

  it('remembers no long tokens, which are as valid as others', () => {
    const claims = { sub: 'u1', more: 'x'.repeat(2048), iat: 1 };
    const token = key.sign(claims);
    for (let time = 1; time <= 2; time++) {
      expect(key.verify(token)).toEqual(claims);
      expect(computed).toHaveBeenCalledTimes(time);
    }
  });

  it('refuses what resembles a token that it has verified', () => {
    const token = key.sign({ sub: 'u1' });
    key.verify(token);
    const [head, claims, signature = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const other = Buffer.from('{"sub":"u2"}').toString('base64url');
    const forged = [
      `${head}.${claims}.`,
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -2)}`,
      `${head}.${other}.${signature}`,
      `${token}.`,
    ];
    for (const each of forged) expect(() => key.verify(each)).toThrow('The token is not valid.');
    expect(() => TokenKey.ofSecret(`${SECRET}!`).verify(token)).toThrow('The token is not valid.');
  });
});
