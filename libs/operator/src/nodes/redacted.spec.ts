import { redactedUrl } from './redacted.js';

describe('a URL as it is shown', () => {
  it.each([
    ['postgres://chat:hush@db.example:5432/chat', 'postgres://chat:…@db.example:5432/chat'],
    ['mysql://chat:hu@sh@db/chat', 'mysql://chat:…@db/chat'],
    ['mysql://chat:hu/s:h@db/chat', 'mysql://chat:…@db/chat'],
    ['redis://:hush@cache:6379/1', 'redis://:…@cache:6379/1'],
    ['nats://hush@a:4222', 'nats://…@a:4222'],
    ['nats://u:hush@a:4222,nats://u:hush@b:4222', 'nats://u:…@b:4222'],
    [
      'postgres://db/chat?user=chat&password=hush&sslmode=require',
      'postgres://db/chat?user=chat&password=…&sslmode=require',
    ],
    ['nats://a:4222?authToken=hush&access_token=hush', 'nats://a:4222?authToken=…&access_token=…'],
    ['https://idp.example/jwks?api_key=hush&v=1', 'https://idp.example/jwks?api_key=…&v=1'],
    ['nats://a:4222,b:4222', 'nats://a:4222,b:4222'],
    ['/var/lib/hubbub/chat@home.sqlite', '/var/lib/hubbub/chat@home.sqlite'],
  ])('%s is %s', (url, shown) => {
    expect(redactedUrl(url)).toBe(shown);
  });
});
