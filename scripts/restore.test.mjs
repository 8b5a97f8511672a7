/** A database that was set back to an earlier moment, with what docs/operations.md says to do then. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import { account, connect } from './bare-client.mjs';
import { read } from './deployment.mjs';
import { startListening } from './listening.mjs';
import { ROOT } from './run-process.mjs';

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-restore-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a gateway for as long as `work` takes. */
async function withGateway(work) {
  const env = {
    ...process.env,
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_DATA_DIR: join(folder, 'data'),
    HUBBUB_DRAIN_TIMEOUT_MS: '1000',
  };
  const main = join(ROOT, 'dist/apps/gateway/src/main.js');
  const { child, ended, socket } = await startListening(process.execPath, [main], { cwd: folder, env });
  try {
    return await work({ socket, http: `http://${socket.host}` });
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

test('who was further than the backup is told to read anew, and numbers go on', { timeout: 60_000 }, async () => {
  const say = async (person, content) => (await person.command('room_message', { room_id: 'lobby', content })).data;
  await withGateway(async (gateway) => {
    const alice = await connect(gateway, await account(gateway, 'register', 'alice'));
    await alice.command('create_room', { room_id: 'lobby' });
    await alice.command('join_room', { room_id: 'lobby' });
    assert.equal((await say(alice, 'kept')).seq, 1);
  });
  cpSync(join(folder, 'data'), join(folder, 'backup'), { recursive: true });
  const { since, inboxEpoch } = await withGateway(async (gateway) => {
    const alice = await connect(gateway, await account(gateway, 'login', 'alice'));
    await alice.command('join_room', { room_id: 'lobby' });
    const { epoch, seq } = await say(alice, 'after the backup');
    return { since: { epoch, seq }, inboxEpoch: alice.session.inbox_epoch };
  });

  rmSync(join(folder, 'data'), { recursive: true });
  cpSync(join(folder, 'backup'), join(folder, 'data'), { recursive: true });
  const [, statements] = read('docs/operations.md').match(/```sql\n([^`]*)```/);
  new Database(join(folder, 'data/hubbub.sqlite')).exec(statements).close();

  await withGateway(async (gateway) => {
    const alice = await connect(gateway, await account(gateway, 'login', 'alice'));
    assert.notEqual(alice.session.inbox_epoch, inboxEpoch);
    const { data: back } = await alice.command('join_room', { room_id: 'lobby', since });
    const contents = back.messages.map(({ content }) => content);
    assert.deepEqual([back.recovered, back.seq, contents], [false, 1, ['kept']]);
    const { seq, epoch } = await say(alice, 'the same number');
    assert.equal(seq, since.seq);
    assert.equal(epoch, back.epoch);
    assert.notEqual(epoch, since.epoch);
  });
});
