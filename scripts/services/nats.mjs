import { converse } from './wire.mjs';

/** NATS with JetStream. */
export const nats = {
  name: 'nats',
  variable: 'TEST_NATS_URL',
  standardUrl: 'nats://127.0.0.1:4222',
  debianPackage: 'nats-server',
  program: 'nats-server',

  url: (port) => `nats://127.0.0.1:${port}`,

  probe: (url) =>
    converse(url, (received) => {
      const line = received.toString().match(/^INFO (.*)\r\n/);
      if (line === null) return undefined;
      const info = JSON.parse(line[1]);
      if (info.auth_required) return 'asks for a password';
      return info.jetstream ? true : 'has no JetStream';
    }),

  async start({ folder, port, spawn }) {
    return spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]);
  },
};
