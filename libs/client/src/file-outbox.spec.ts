import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileOutbox } from './file-outbox.js';
import type { OutboxStore } from './outbox-store.js';
import { describeOutboxStore, keptMessage } from './testing/outbox-store.contract.js';

const nothing = () => {};
let folder: string;
let path: string;
const opened: OutboxStore[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hubbub-outbox-'));
  path = join(folder, 'made/by it/alice.outbox');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(folder, { recursive: true, force: true });
});

function open(): OutboxStore {
  const store = fileOutbox(path);
  opened.push(store);
  return store;
}

describeOutboxStore('A file', async () => ({ open: () => fileOutbox(path) }), { isShared: false });

describe('the outbox in a file', () => {
  it('has what was written when the process was killed, but for a line that was cut short', async () => {
    const crashed = open();
    const [a, b] = [keptMessage('a'), keptMessage('b')];
    await crashed.write([a, b], []);
    const { size } = await stat(path);
    await truncate(path, size - 5);
    const next = open();
    expect(await next.take('alice', nothing)).toEqual([a]);
    const c = keptMessage('c');
    await next.write([c], []);
    await next.close();
    expect(await open().take('alice', nothing)).toEqual([a, c]);
  });

  it('passes over lines that are none of its own', async () => {
    const store = open();
    const message = keptMessage('a');
    await store.write([message], []);
    await store.close();
    await appendFile(path, '\n{"key":1}\nnull\n[]\nnonsense\n"nobody"\n');
    expect(await open().take('alice', nothing)).toEqual([message]);
  });

  it('is for nobody else to read', async () => {
    const store = open();
    await store.write([keptMessage('a')], []);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('does not grow with what is done', async () => {
    const store = open();
    const kept = keptMessage('kept');
    await store.write([kept], []);
    for (let round = 0; round < 30; round++) {
      const messages = Array.from({ length: 100 }, (_, n) => keptMessage(`k${round}-${n}`));
      await store.write(messages, []);
      await store.write([], messages);
    }
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThan(2500);
    await store.close();
    expect(await open().take('alice', nothing)).toEqual([kept]);
  });

  it('loses nothing of two clients of one process that use it at once', async () => {
    const [one, two] = [open(), open()];
    const [a, b, c] = [keptMessage('a'), keptMessage('b'), keptMessage('c')];
    await one.write([a], []);
    expect(await two.take('alice', nothing)).toEqual([a]);
    const last = [one.write([b], []), one.close()];
    await two.write([c], []);
    await Promise.all(last);
    expect(await readFile(`${path}.lock`, 'utf8')).toBe(`${process.pid}\n`);
    await two.close();
    expect(await open().take('alice', nothing)).toEqual([a, b, c]);
  });

  it('is not shared with a process that is alive, and is free when that is gone', async () => {
    const store = open();
    await store.write([keptMessage('a')], []);
    await store.close();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((resolve) => other.on('exit', resolve));
    await writeFile(`${path}.lock`, `${other.pid}\n`);
    const refused = open();
    await expect(refused.take('alice', nothing)).rejects.toThrow(`process ${other.pid} uses it`);
    await refused.close();
    await expect(open().take('alice', nothing)).rejects.toThrow(`process ${other.pid} uses it`);
    other.kill('SIGKILL');
    await ended;
    expect(await open().take('alice', nothing)).toHaveLength(1);
  });
});
