import { soon } from './turns.js';

const later = () => new Promise((resolve) => setTimeout(resolve));

describe('work that is done soon', () => {
  it('is done in order, and leaves turns to others when it takes long', async () => {
    const done: string[] = [];
    const busy = (name: string) => () => {
      const end = performance.now() + 12;
      while (performance.now() < end);
      done.push(name);
    };
    for (const name of ['a', 'b', 'c']) soon(busy(name));
    setTimeout(() => done.push('somebody else'));
    while (done.length < 4) await later();
    expect(done.filter((name) => name.length === 1)).toEqual(['a', 'b', 'c']);
    expect(done.at(-1)).not.toBe('somebody else');
  });

  it('can be taken back, also by other work', async () => {
    const done: string[] = [];
    const drop = { it: () => {} };
    soon(() => drop.it());
    drop.it = soon(() => done.push('dropped'));
    soon(() => done.push('last'));
    while (done.length === 0) await later();
    expect(done).toEqual(['last']);
  });
});
