import { join } from 'node:path';
import { converse } from './wire.mjs';

const CLIENT_FLAGS = 0x00000001 | 0x00000008 | 0x00000200 | 0x00008000 | 0x00080000; // long password, database, 4.1, secure, plugin

export const mariadb = {
  name: 'mariadb',
  variable: 'TEST_MARIADB_URL',
  standardUrl: 'mysql://root@127.0.0.1:3306/test',
  debianPackage: 'mariadb-server',
  program: 'mariadbd',
  runAs: ['mysql', 'nobody'],

  url: (port) => `mysql://root@127.0.0.1:${port}/test`,

  probe(url) {
    const { username, password, pathname } = new URL(url);
    let greeted = false;
    return converse(url, (received, send) => {
      if (received.length < 4 || received.length < 4 + received.readUIntLE(0, 3)) return undefined;
      const kind = received[4];
      if (kind === 0xff)
        return `says ${received
          .subarray(7)
          .toString()
          .replace(/^#...../, '')}`;
      if (!greeted) {
        // With a password in the address the driver will do the rest.
        if (password) return true;
        greeted = true;
        send(signIn(username || 'root', pathname.slice(1) || 'test'));
        return undefined;
      }
      return kind === 0x00 ? true : 'asks for a password';
    });
  },

  async start({ folder, port, spawn, run, binary, user }) {
    const data = join(folder, 'data');
    const common = ['--no-defaults', `--datadir=${data}`, ...(user === undefined ? [] : [`--user=${user}`])];
    await run(binary('mariadb-install-db'), [...common, '--auth-root-authentication-method=normal', '--skip-log-bin']);
    return spawn(binary('mariadbd'), [
      ...common,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--innodb-flush-log-at-trx-commit=0',
    ]);
  },
};

/** HandshakeResponse41 of a user without password. */
function signIn(user, database) {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(CLIENT_FLAGS, 0);
  head.writeUInt32LE(1 << 24, 4);
  head[8] = 45; // utf8mb4
  const body = Buffer.concat([head, Buffer.from(`${user}\0\0${database}\0mysql_native_password\0`)]);
  const frame = Buffer.alloc(4);
  frame.writeUIntLE(body.length, 0, 3);
  frame[3] = 1;
  return Buffer.concat([frame, body]);
}
