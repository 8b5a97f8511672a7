import { Observable, of, range, Subject, throwError } from 'rxjs';
import { iterate, prepend } from './observable-iterator.js';

async function readAll(iterator: AsyncIterator<unknown, undefined>): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let item = await iterator.next(); !item.done; item = await iterator.next()) values.push(item.value);
  return values;
}

describe('reading an Observable item by item', () => {
  it('gives all items in order, whether the reader or the source is ahead', async () => {
    expect(await readAll(iterate(range(1, 5)))).toEqual([1, 2, 3, 4, 5]);
    const source = new Subject<number>();
    const reading = readAll(iterate(source));
    source.next(1);
    source.next(2);
    source.complete();
    expect(await reading).toEqual([1, 2]);
  });

  it('gives what came before an error, then the error, then the end', async () => {
    const failure = new Error('broken');
    const iterator = iterate(
      new Observable((subscriber) => {
        subscriber.next(1);
        subscriber.error(failure);
      }),
    );
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await expect(iterate(throwError(() => failure)).next()).rejects.toBe(failure);
  });

  it('unsubscribes when it is not read any more', async () => {
    let unsubscribed = false;
    const iterator = iterate(new Observable(() => () => (unsubscribed = true)));
    const pending = iterator.next();
    await iterator.return?.();
    expect(unsubscribed).toBe(true);
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it('fails and unsubscribes when the reader falls too far behind', async () => {
    const source = new Subject<number>();
    const iterator = iterate(source, 3);
    for (let i = 0; i < 10; i++) source.next(i);
    await Promise.resolve();
    expect(source.observed).toBe(false);
    expect([await iterator.next(), await iterator.next(), await iterator.next()].map(({ value }) => value)).toEqual([
      0, 1, 2,
    ]);
    await expect(iterator.next()).rejects.toMatchObject({ name: 'ServerError' });
  });

  it('can have its first item put back', async () => {
    const iterator = iterate(of('a', 'b'));
    const all = prepend(await iterator.next(), iterator);
    const values: unknown[] = [];
    for await (const value of all) values.push(value);
    expect(values).toEqual(['a', 'b']);
  });
});
