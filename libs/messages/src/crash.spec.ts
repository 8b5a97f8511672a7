import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { openMessages } from './testing/index.js';

const testing = resolve('libs/messages/src/testing');
const register = pathToFileURL(resolve('scripts/run-typescript.mjs')).href;

/** Lets a process append to `file` and kills it once it has acknowledged `count`; returns all that it acknowledged. */
async function burst(file: string, run: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', register, join(testing, 'append-burst.ts'), file, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  }
  expect(await closed).toEqual([null, 'SIGKILL']);
  return lines;
}

describe('a process that is killed while it appends', () => {
  it('has stored everything it acknowledged, numbered without a gap, and the next one goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hubbub-crash-'));
    const file = join(folder, 'test.sqlite');
    const acknowledged: string[] = [];
    for (const [run, count] of [1, 777].entries()) acknowledged.push(...(await burst(file, `run${run}`, count)));
    expect(acknowledged.length).toBeGreaterThanOrEqual(778);

    const messages = await openMessages({ file });
    const kept = new Set<string>();
    for (const roomId of ['a', 'b']) {
      const { seq: head, epoch } = await messages.log.head(roomId);
      const all = await messages.store.read(roomId, { limit: 1_000_000 });
      expect(all?.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, at) => at + 1));
      for (const { seq, contentJson } of all?.messages ?? []) kept.add(`${roomId} ${seq} ${contentJson}`);
      const next = { roomId, senderId: 'ann', senderName: 'Ann', contentJson: '"next"' };
      expect(await messages.log.append(next).promise()).toMatchObject({ seq: head + 1, epoch });
    }
    expect(acknowledged.filter((line) => !kept.has(line))).toEqual([]);
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    await messages.close();
    await rm(folder, { recursive: true, force: true });
    // Starting the processes compiles the library: seconds on a busy machine.
  }, 120_000);
});
