import { converse } from './wire.mjs';

export const redis = {
  name: 'redis',
  variable: 'TEST_REDIS_URL',
  standardUrl: 'redis://127.0.0.1:6379',
  debianPackage: 'redis-server',
  program: 'redis-server',

  url: (port) => `redis://127.0.0.1:${port}`,

  probe: (url) =>
    converse(
      url,
      (received) => {
        const answer = received.toString();
        if (!answer.includes('\r\n')) return undefined;
        return answer.startsWith('+PONG') ? true : `answers ${answer.split(' ')[0].trim()}`;
      },
      { first: 'PING\r\n' },
    ),

  async start({ folder, port, spawn }) {
    return spawn('redis-server', [
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ]);
  },
};
