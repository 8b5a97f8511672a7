import { natsServers } from './nats-servers.js';

describe('natsServers', () => {
  it.each([
    ['nats://localhost', { servers: ['localhost'] }],
    ['nats://a:4222,b:4223/', { servers: ['a:4222', 'b:4223'] }],
    ['nats://a:4222, nats://[::1]:4222', { servers: ['a:4222', '[::1]:4222'] }],
    ['nats://ann:p%40ss%2C1@a:4222,b', { servers: ['a:4222', 'b'], user: 'ann', pass: 'p@ss,1' }],
    ['nats://s3cret@a', { servers: ['a'], token: 's3cret' }],
    ['tls://a:4222', { servers: ['a:4222'], tls: {} }],
  ])('reads %s', (url, servers) => {
    expect(natsServers(url)).toEqual(servers);
  });

  it.each(['http://a', 'nats://', '', 'nats://u:secret@', 'nats://a,,b'])('refuses %j without repeating it', (url) => {
    expect(() => natsServers(url)).toThrow('bus.url: expected nats://host:port, several of them comma-separated');
  });
});
