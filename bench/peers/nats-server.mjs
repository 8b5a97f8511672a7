import { PAYLOAD_BYTES } from '../payload.mjs';
import { startProgram, versionOf } from './start-program.mjs';

const connect = (echo) => [
  ...['--expect', 'INFO', '--send', `CONNECT {"verbose":false,"pedantic":false,"echo":${echo}}\\r\\nPING\\r\\n`],
  ...['--expect', 'PONG'],
];

/** nats-server: a broker in Go, by its WebSocket listener; each room is a subject. */
export const natsServer = {
  name: 'nats-server',
  version: () => versionOf('nats-server', ['--version'], /v([\d.]+)/),
  packages: 'nats-server',
  wire: {
    options: ['--binary', '--multi', '--reply', 'PING\\r\\n=PONG\\r\\n'],
    greet: connect(false),
    login: [...connect(false), '--send', 'SUB r%r 1\\r\\nPING\\r\\n', '--expect', 'PONG'],
    publish: `PUB r%r ${PAYLOAD_BYTES}\\r\\n%P\\r\\n`,
    // A subject of one's own.
    pingLogin: [...connect(true), '--send', 'SUB c%d 1\\r\\nPING\\r\\n', '--expect', 'PONG'],
    ping: [[`PUB c%d ${PAYLOAD_BYTES}\\r\\n%P\\r\\n`, '{"t":1']],
    join: [
      ['SUB r%r 2\\r\\nPING\\r\\n', 'PONG'],
      ['UNSUB 2\\r\\nPING\\r\\n', 'PONG'],
    ],
  },
  start: () =>
    startProgram(
      'nats-server',
      (port) =>
        `host: 127.0.0.1\nport: -1\nmax_connections: 64000\nwebsocket { host: "127.0.0.1", port: ${port}, no_tls: true }\n`,
      (file) => ['-c', file],
    ),
};
