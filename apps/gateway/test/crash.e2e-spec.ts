import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayProcess } from '@hubbub/hubbub/testing';
import { signJwt, TestClient } from '@hubbub/testing';

const SECRET = '0815 hubbub crash tests sign with these 4711';

const start = (dataDir: string) =>
  GatewayProcess.start({ env: { HUBBUB_DATA_DIR: dataDir, HUBBUB_AUTH_SECRET: SECRET } });

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
      const gateway = await start(dataDir);
      const clients = await Promise.all(Array.from({ length: 5 }, (_, n) => connect(gateway.ws, `writer-${n}`)));
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
      await gateway.kill();
      killedAt = acknowledged.size;
    }

    const gateway = await start(dataDir);
    const reader = await connect(gateway.ws, 'reader');
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
    await gateway.kill();
  }, 120_000);
});
