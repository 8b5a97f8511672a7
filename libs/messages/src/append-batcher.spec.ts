import { HubbubError } from '@hubbub/protocol';
import { AppendBatcher, type AppendBatcherOptions } from './append-batcher.js';

interface Entry {
  readonly contentJson: string;
}

/** A batcher whose turns and commits end when the test says so. */
function batcherOf(options: AppendBatcherOptions = {}) {
  const turns: (() => void)[] = [];
  const commits: { batch: string[]; finish: () => Promise<void>; fail: (error: Error) => Promise<void> }[] = [];
  const batcher = new AppendBatcher<Entry, string>(
    (batch) =>
      new Promise((resolve, reject) => {
        const contents = batch.map(({ contentJson }) => contentJson);
        commits.push({
          batch: contents,
          finish: async () =>
            resolve(contents.map((each) => (each === 'bad' ? new HubbubError('RoomNotFound') : each))),
          fail: async (error) => reject(error),
        });
      }),
    { schedule: (run) => turns.push(run), ...options },
  );
  const order: string[] = [];
  const add = (contentJson: string): void => {
    batcher.add({ contentJson }).onSettled((error, value) => {
      order.push(error === undefined ? `${value}` : `${contentJson}: ${(error as Error).name}`);
    });
  };
  const turn = (): void => turns.splice(0).forEach((run) => run());
  /** Lets the continuation of a commit run. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { batcher, add, turn, commits, order, settled };
}

describe('AppendBatcher', () => {
  it('commits what arrived in one turn as one batch, and settles it in order', async () => {
    const { add, turn, commits, order, settled } = batcherOf();
    for (const each of ['a', 'b', 'c']) add(each);
    expect(commits).toHaveLength(0);
    turn();
    expect(commits.map(({ batch }) => batch)).toEqual([['a', 'b', 'c']]);
    expect(order).toEqual([]);
    await commits[0]?.finish();
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('runs one commit at a time; the next takes what arrived meanwhile', async () => {
    const { add, turn, commits, order, settled } = batcherOf();
    add('a');
    turn();
    add('b');
    add('c');
    turn();
    expect(commits).toHaveLength(1);
    await commits[0]?.finish();
    await settled();
    turn();
    expect(commits[1]?.batch).toEqual(['b', 'c']);
    await commits[1]?.finish();
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('gives an entry that is refused alone its error, and its neighbours theirs', async () => {
    const { add, turn, commits, order, settled } = batcherOf();
    for (const each of ['a', 'bad', 'c']) add(each);
    turn();
    await commits[0]?.finish();
    await settled();
    expect(order).toEqual(['a', 'bad: RoomNotFound', 'c']);
  });

  it('says ServerError to all of a failed commit, and goes on with the next', async () => {
    const { add, turn, commits, order, settled } = batcherOf();
    add('a');
    add('b');
    turn();
    add('c');
    await commits[0]?.fail(new Error('disk on fire'));
    await settled();
    turn();
    await commits[1]?.finish();
    await settled();
    expect(order).toEqual(['a: ServerError', 'b: ServerError', 'c']);
  });

  it('bounds a batch by entries and by size, and lets a large one go alone', async () => {
    const { add, turn, commits, order, settled } = batcherOf({ maxBatch: 3, maxBatchChars: 10 });
    const sent = ['1', '2', '3', '4', 'x'.repeat(9), 'y'.repeat(30), '5'];
    for (const each of sent) add(each);
    for (let at = 0; order.length < sent.length; at++) {
      turn();
      await commits[at]?.finish();
      await settled();
    }
    expect(commits.map(({ batch }) => batch.length)).toEqual([3, 2, 1, 1]);
    expect(order).toEqual(sent);
  });

  it('hands over a batch and settles a batch a turn at most, however much waits', async () => {
    const [rows, chars] = [50, 1000];
    const { add, turn, commits, order, settled } = batcherOf({ maxBatch: rows, maxBatchChars: chars });
    const sent = Array.from({ length: 2000 }, (_, n) => `${n}`.padEnd(n < 1000 ? 4 : 40, '.'));
    for (const each of sent) add(each);
    for (let at = 0; order.length < sent.length; at++) {
      turn();
      const [settledBefore, { batch, finish }] = [order.length, commits[at] as (typeof commits)[number]];
      expect(batch.length).toBeLessThanOrEqual(rows);
      expect(batch.join('').length).toBeLessThanOrEqual(chars);
      await finish();
      await settled();
      expect(order.length - settledBefore).toBe(batch.length);
      // The next one waits for another turn.
      expect(commits).toHaveLength(at + 1);
    }
    expect(order).toEqual(sent);
  });

  it('refuses at once, as retryable, what would make too much wait', async () => {
    const { add, turn, commits, order, settled, batcher } = batcherOf({ maxWaiting: 2 });
    for (const each of ['a', 'b', 'c']) add(each);
    expect(order).toEqual(['c: ServerError']);
    expect(batcher.waitingCount).toBe(2);
    turn();
    add('d');
    await commits[0]?.finish();
    await settled();
    expect(order).toEqual(['c: ServerError', 'a', 'b']);
  });

  it('settles the others when a listener throws', async () => {
    const errors: unknown[] = [];
    const { batcher, add, turn, commits, order, settled } = batcherOf({
      onListenerError: (error) => errors.push(error),
    });
    batcher.add({ contentJson: 'a' }).onSettled(() => {
      throw new Error('broken listener');
    });
    add('b');
    turn();
    await commits[0]?.finish();
    await settled();
    expect(order).toEqual(['b']);
    expect(errors).toEqual([new Error('broken listener')]);
  });

  it('is idle when everything has been settled', async () => {
    const { batcher, add, turn, commits, order } = batcherOf();
    await batcher.idle();
    add('a');
    const idle = batcher.idle().then(() => order.push('idle'));
    turn();
    await commits[0]?.finish();
    await idle;
    expect(order).toEqual(['a', 'idle']);
  });
});
