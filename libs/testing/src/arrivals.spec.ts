import { Arrivals } from './arrivals.js';

interface Item {
  readonly type: string;
  readonly n: number;
}

const arrivals = (patienceMs?: number) =>
  new Arrivals<Item>({ name: 'alice', patienceMs, kindOf: ({ type }) => type, inWords: ({ type }) => type });
const numbered = (type: string, count: number) => Array.from({ length: count }, (_, n) => ({ type, n }));

describe('Arrivals', () => {
  it('are taken once each, in the order in which they came, before and after somebody waits', async () => {
    const all = arrivals();
    const [a, b, c] = numbered('a', 3) as [Item, Item, Item];
    all.add(a);
    const taken = [all.take({ kind: 'a', what: '' }), all.take({ kind: 'a', what: '' }), all.take({ what: '' })];
    all.add(b);
    all.add(c);
    expect(await Promise.all(taken)).toEqual([a, b, c]);
    expect([all.all, all.of('a'), all.of('b')]).toEqual([[a, b, c], [a, b, c], []]);
  });

  it('pass by whoever waits for others', async () => {
    const all = arrivals();
    const second = all.take({ kind: 'a', matches: ({ n }) => n === 1, what: '' });
    for (const item of [...numbered('b', 2), ...numbered('a', 2)]) all.add(item);
    expect(await second).toEqual({ type: 'a', n: 1 });
    expect(await all.take({ kind: 'a', what: '' })).toEqual({ type: 'a', n: 0 });
  });

  it('that do not come fail in words: for what, and what came instead', async () => {
    const all = arrivals(20);
    const waiting = all.take({ kind: 'c', matches: ({ n }) => n === 7, what: 'the push c' });
    for (const item of [...numbered('a', 3), ...numbered('c', 2), ...numbered('b', 1)]) all.add(item);
    await expect(waiting).rejects.toThrow(
      'alice waited for the push c, but it did not come within 20 ms.\n' +
        '2 of that type did not match, the last: {"type":"c","n":1}\n' +
        'It got a (3 times), c (2 times), b.',
    );
  });

  it('fail for whoever looks at them by what throws, and for nobody else', async () => {
    const all = arrivals();
    const broken = () => {
      throw new Error('no such field');
    };
    const failing = [all.take({ kind: 'a', matches: broken, what: 'a' }), all.take({ matches: broken, what: 'any' })];
    const watching = all.until(() => all.all.length > 0 && broken());
    const other = all.take({ kind: 'a', what: 'another' });
    all.add({ type: 'b', n: 0 });
    all.add({ type: 'a', n: 1 });
    const told = await Promise.allSettled([...failing, watching]);
    expect(told).toEqual(told.map(() => ({ status: 'rejected', reason: new Error('no such field') })));
    expect(await other).toEqual({ type: 'a', n: 1 });
  });

  it('name the line that waited', async () => {
    const error = await arrivals(1)
      .take({ what: 'anything' })
      .catch((reason: Error) => reason);
    expect((error as Error).stack).toMatch(/alice waited[^]*arrivals\.spec/);
    expect((error as Error).stack?.match(/alice waited/g)).toHaveLength(1);
  });

  it('fail at once when nothing comes any more, unless the end is what is waited for', async () => {
    const all = arrivals();
    let isOver = false;
    const waiting = [all.take({ kind: 'a', what: 'a' }), all.until(() => false, 'b')];
    const end = all.until(() => isOver);
    isOver = true;
    all.end('it was cut');
    for (const each of waiting) await expect(each).rejects.toThrow('but it was cut.\nIt got nothing.');
    await end;
    await expect(all.take({ what: 'more' })).rejects.toThrow('alice waited for more, but it was cut');
  });

  it('look at an item once, however many wait for other kinds', async () => {
    const all = arrivals();
    let looks = 0;
    const matches = () => ++looks > 0;
    const count = 2000;
    const waiting = Array.from({ length: count }, (_, n) => all.take({ kind: `kind ${n}`, matches, what: '' }));
    for (let n = count; n-- > 0; ) all.add({ type: `kind ${n}`, n });
    expect((await Promise.all(waiting)).map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect(looks).toBe(count);
  });
});
