import { join } from 'node:path';
import { converse } from './wire.mjs';

export const postgres = {
  name: 'postgres',
  variable: 'TEST_POSTGRES_URL',
  standardUrl: 'postgres://postgres@127.0.0.1:5432/test',
  debianPackage: 'postgresql',
  program: 'postgres',
  /** The server refuses to run as root. */
  runAs: ['postgres', 'nobody'],

  url: (port) => `postgres://postgres@127.0.0.1:${port}/test`,

  probe(url) {
    const { username, pathname } = new URL(url);
    // A password is not tried: the start-up message of protocol 3.0 with user and database, answered by R (authentication) or E.
    const parameters = Buffer.from(`user\0${username || 'postgres'}\0database\0${pathname.slice(1) || 'test'}\0\0`);
    const header = Buffer.alloc(8);
    header.writeInt32BE(8 + parameters.length, 0);
    header.writeInt32BE(3 << 16, 4);
    return converse(
      url,
      (received) => {
        for (let at = 0; received.length >= at + 5; at += 1 + received.readInt32BE(at + 1)) {
          const type = String.fromCharCode(received[at]);
          const body = received.subarray(at + 5, at + 1 + received.readInt32BE(at + 1)).toString('latin1');
          // With a password in the address the driver will do the rest.
          if (type === 'R' && body !== '\0\0\0\0') return new URL(url).password ? true : 'asks for a password';
          if (type === 'E') return `says ${body.match(/\0M([^\0]*)/)?.[1]}`;
          // Being let in comes before the user and the database are looked up; only being ready for a query is the end of it.
          if (type === 'Z') return true;
        }
        return undefined;
      },
      { first: Buffer.concat([header, parameters]) },
    );
  },

  async start({ folder, port, spawn, run, binary, ready }) {
    const data = join(folder, 'data');
    const at = ['-h', '127.0.0.1', '-p', String(port)];
    await run(binary('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
    // Tests need no durability of the machine, only of the process.
    const child = spawn(binary('postgres'), ['-D', data, ...at, '-k', folder, '-F']);
    await ready(`postgres://postgres@127.0.0.1:${port}/postgres`);
    await run(binary('createdb'), [...at, '-U', 'postgres', 'test']);
    return child;
  },
  /** Fast shutdown; SIGTERM would wait for every client. */
  stopSignal: 'SIGINT',
};
