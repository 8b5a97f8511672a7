import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { signToken } from '../token.mjs';

/** Starts the built gateway on a free port with a database of its own. */
export async function startGateway(env = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-'));
  const secret = randomBytes(48).toString('hex');
  const child = spawn(process.execPath, ['dist/apps/gateway/src/main.js'], {
    env: {
      ...process.env,
      HUBBUB_SERVER_HOST: '127.0.0.1',
      HUBBUB_SERVER_PORT: '0',
      HUBBUB_DATA_DIR: dataDir,
      HUBBUB_AUTH_SECRET: secret,
      HUBBUB_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code} before it listened`)));
    createInterface(child.stdout).on('line', (line) => {
      const found = /ws:\/\/[^\s"]+/.exec(line);
      if (found) resolve(found[0]);
      else process.stdout.write(`${line}\n`);
    });
  });
  return {
    url,
    http: url.replace(/^ws/, 'http').replace(/\/ws$/, ''),
    pid: child.pid,
    /** A token of any user, signed as the gateway signs. */
    token: (userId, permissions) => signToken(secret, userId, permissions),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}
