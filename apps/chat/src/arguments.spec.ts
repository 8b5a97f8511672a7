import { readArguments, UsageError } from './arguments.js';

describe('readArguments', () => {
  it('takes everything but the user from its defaults', () => {
    expect(readArguments(['--user', 'alice'], {})).toEqual({
      user: 'alice',
      room: 'lobby',
      password: undefined,
      nodes: [{ origin: 'http://127.0.0.1:8080', socketUrl: 'ws://127.0.0.1:8080/ws' }],
    });
  });

  it.each([
    ['https://chat.example.com', 'https://chat.example.com', 'wss://chat.example.com/ws'],
    ['wss://chat.example.com/socket', 'https://chat.example.com', 'wss://chat.example.com/socket'],
    ['http://localhost:1234/', 'http://localhost:1234', 'ws://localhost:1234/ws'],
  ])('reads both addresses from %s', (url, origin, socketUrl) => {
    expect(readArguments(['--user', 'bob', '--url', url], {})).toMatchObject({ nodes: [{ origin, socketUrl }] });
  });

  it('takes as many addresses as are given', () => {
    const { nodes } = readArguments(['--user', 'bob', '--url', 'http://a:1', '--url', 'http://b:2'], {});
    expect(nodes.map(({ socketUrl }) => socketUrl)).toEqual(['ws://a:1/ws', 'ws://b:2/ws']);
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
