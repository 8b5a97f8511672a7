import { Lanes } from './lanes.js';

/** A task that ends when it is told to. */
function task() {
  const state = { hasBegun: false, end: () => {} };
  const ended = new Promise<void>((resolve) => (state.end = resolve));
  const run = () => {
    state.hasBegun = true;
    return ended;
  };
  return { state, run };
}
/** All that can go on has gone on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Lanes', () => {
  it('run what has one key one after another, and other keys beside', async () => {
    const lanes = new Lanes(10);
    const [first, second, other] = [task(), task(), task()];
    lanes.run('a', first.run);
    lanes.run('a', second.run);
    lanes.run('b', other.run);
    await settled();
    expect([first, second, other].map(({ state }) => state.hasBegun)).toEqual([true, false, true]);
    first.state.end();
    await settled();
    expect(second.state.hasBegun).toBe(true);
  });

  it('run no more at a time than their limit', async () => {
    const lanes = new Lanes(2);
    const tasks = Array.from({ length: 4 }, task);
    for (const [at, { run }] of tasks.entries()) lanes.run(String(at), run);
    for (const begun of [2, 3, 4]) {
      await settled();
      expect(tasks.filter(({ state }) => state.hasBegun)).toHaveLength(begun);
      tasks[begun - 2]?.state.end();
    }
    expect(lanes.size).toBe(2);
    for (const { state } of tasks) state.end();
    await lanes.idle();
    expect(lanes.size).toBe(0);
  });
});
