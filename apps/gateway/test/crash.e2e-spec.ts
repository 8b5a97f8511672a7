import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { signJwt, TestClient } from '@hubbub/testing';

const SECRET = '0815 hubbub crash tests sign with these 4711';

/** The built gateway as a process of its own, so that it can be killed. */
async function startProcess(
  dataDir: string,
): Promise<{ child: ChildProcess; url: string; killed: () => Promise<void> }> {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'apps/gateway/src/main'], {
    env: {
      ...process.env,
      HUBBUB_SERVER_HOST: '127.0.0.1',
      HUBBUB_SERVER_PORT: '0',
      HUBBUB_DATA_DIR: dataDir,
      HUBBUB_AUTH_SECRET: SECRET,
      HUBBUB_LOG_LEVEL: 'error',
      HUBBUB_LIMITS_COMMANDS_PER_S: '1000000',
      HUBBUB_LIMITS_COMMANDS_BURST: '1000000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(() => reject(new Error('the gateway ended before it listened')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /ws:\/\/[^\s"]+/.exec(line);
      if (found) resolve(found[0]);
    });
  });
  return {
    child,
    url,
    killed: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** PROTOCOL §7.1: a reply with a seq survives a crash. */
describe('kill -9 during a burst', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-crash-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  const connect = (url: string, user: string) => {
    const now = Math.floor(Date.now() / 1000);
    const permissions = ['read:message', 'send:message', 'create:room', 'join:room'];
    return TestClient.open(url, {
      token: signJwt({ user_id: user, iss: 'hubbub', permissions, iat: now, exp: now + 600 }, SECRET),
    });
  };

  it('every acknowledged message is there afterwards, numbered without gaps, and the next one goes on', async () => {
    const acknowledged = new Map<number, string>();
    let killedAt = 0;
    for (let round = 0; round < 3; round++) {
      const gateway = await startProcess(dataDir);
      const clients = await Promise.all(Array.from({ length: 5 }, (_, n) => connect(gateway.url, `writer-${n}`)));
      if (round === 0) await clients[0]!.command('create_room', { room_id: 'crash' });
      for (const client of clients) await client.command('join_room', { room_id: 'crash', history: 0 });
      const enough = killedAt + 400;
      const finished = new Promise<void>((resolve) => {
        for (const [n, client] of clients.entries()) {
          client.socket.on('message', (bytes: Buffer) => {
            const { message_type, request_id, data } = JSON.parse(bytes.toString());
            if (message_type !== 'room_message_sent') return;
            acknowledged.set(data.seq, `${round}.${n}.${request_id}`);
            if (acknowledged.size >= enough) resolve();
          });
          for (let k = 0; k < 2000; k++) {
            const message_id = `${k}`;
            client.sendFrame({
              message_type: 'room_message',
              message_id,
              data: { room_id: 'crash', content: `${round}.${n}.${k}` },
            });
          }
        }
      });
      await finished;
      await gateway.killed();
      killedAt = acknowledged.size;
    }

    const gateway = await startProcess(dataDir);
    const reader = await connect(gateway.url, 'reader');
    const stored = new Map<number, unknown>();
    for (let after = 0; ; ) {
      const { messages, has_more } = await reader.command('room_history', { room_id: 'crash', after, limit: 200 });
      for (const { seq, content } of messages) stored.set(seq!, content);
      if (!has_more) break;
      after = messages.at(-1)!.seq!;
    }
    expect([...stored.keys()]).toEqual(Array.from({ length: stored.size }, (_, n) => n + 1));
    for (const [seq, content] of acknowledged) expect([seq, stored.get(seq)]).toEqual([seq, content]);
    await reader.command('join_room', { room_id: 'crash', history: 0 });
    expect(await reader.command('room_message', { room_id: 'crash', content: 'on' })).toMatchObject({
      seq: stored.size + 1,
    });
    await gateway.killed();
  }, 120_000);
});
