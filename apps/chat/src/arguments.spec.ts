import { readArguments, UsageError } from './arguments.js';

describe('readArguments', () => {
  it('takes everything but the user from its defaults', () => {
    expect(readArguments(['--user', 'alice'], {})).toEqual({
      user: 'alice',
      room: 'lobby',
      password: undefined,
      origin: 'http://127.0.0.1:8080',
      socketUrl: 'ws://127.0.0.1:8080/ws',
    });
  });

  it.each([
    ['https://chat.example.com', 'https://chat.example.com', 'wss://chat.example.com/ws'],
    ['wss://chat.example.com/socket', 'https://chat.example.com', 'wss://chat.example.com/socket'],
    ['http://localhost:1234/', 'http://localhost:1234', 'ws://localhost:1234/ws'],
  ])('reads both addresses from %s', (url, origin, socketUrl) => {
    expect(readArguments(['--user', 'bob', '--url', url], {})).toMatchObject({ origin, socketUrl });
  });

  it('takes the password from the command line before the environment', () => {
    const env = { HUBBUB_CHAT_PASSWORD: 'from the environment' };
    expect(readArguments(['--user', 'bob'], env).password).toBe('from the environment');
    expect(readArguments(['--user', 'bob', '--password', 'given'], env).password).toBe('given');
  });

  it.each([
    ['no user', []],
    ['a user that no account can have', ['--user', 'a b']],
    ['an address that is none', ['--user', 'bob', '--url', 'nonsense']],
    ['another kind of address', ['--user', 'bob', '--url', 'ftp://example.com']],
    ['an unknown option', ['--user', 'bob', '--colour', 'red']],
    ['words beside the options', ['--user', 'bob', 'lobby']],
  ])('refuses %s', (_what, args) => {
    expect(() => readArguments(args, {})).toThrow(UsageError);
  });
});
