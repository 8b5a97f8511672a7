import { Deferred } from './deferred.js';

describe('Deferred', () => {
  it('tells its listeners synchronously and in order', () => {
    const deferred = new Deferred<number>();
    const told: string[] = [];
    deferred.onSettled((_, value) => told.push(`first ${value}`));
    deferred.onSettled((_, value) => told.push(`second ${value}`));
    deferred.onSettled((_, value) => told.push(`third ${value}`));
    deferred.resolve(7);
    expect(told).toEqual(['first 7', 'second 7', 'third 7']);
  });

  it('tells at once when it has been settled', () => {
    const told: unknown[] = [];
    Deferred.resolved('a').onSettled((error, value) => told.push([error, value]));
    const failure = new Error('no');
    Deferred.rejected(failure).onSettled((error, value) => told.push([error, value]));
    expect(told).toEqual([
      [undefined, 'a'],
      [failure, undefined],
    ]);
  });

  it('keeps its first settlement', async () => {
    const deferred = new Deferred<number>();
    deferred.resolve(1);
    deferred.resolve(2);
    deferred.reject(new Error('late'));
    await expect(deferred.promise()).resolves.toBe(1);
  });

  it('is a failure also when rejected with nothing', async () => {
    const deferred = new Deferred<number>();
    deferred.reject(undefined);
    await expect(deferred.promise()).rejects.toThrow('rejected without a reason');
  });

  it('maps its value synchronously', () => {
    const deferred = new Deferred<number>();
    const told: unknown[] = [];
    deferred.map((value) => value * 2).onSettled((_, value) => told.push(value));
    deferred.resolve(21);
    expect(told).toEqual([42]);
  });

  it('passes a rejection through map, and rejects when the mapping throws', async () => {
    const failure = new Error('no');
    await expect(Deferred.rejected<number>(failure).map(String).promise()).rejects.toBe(failure);
    const broken = Deferred.resolved(1).map(() => {
      throw failure;
    });
    await expect(broken.promise()).rejects.toBe(failure);
  });

  it('does not settle twice when a listener of the mapped one throws', () => {
    const deferred = new Deferred<number>();
    const told: unknown[] = [];
    deferred
      .map((value) => value)
      .onSettled((error) => {
        told.push(error);
        throw new Error('listener');
      });
    expect(() => deferred.resolve(1)).toThrow('listener');
    expect(told).toEqual([undefined]);
  });

  it('passes on to what it was mapped from what becomes of the reply', () => {
    const source = new Deferred<number>();
    const mapped = source.map(String).map((text) => ({ text }));
    const told: string[] = [];
    source.onDeparted(() => told.push('departed'));
    source.resolve(1);
    mapped.depart();
    expect([source.isDelayed, source.isAbandoned, told]).toEqual([false, false, []]);
    mapped.delay();
    expect(source.isDelayed).toBe(true);
    mapped.depart();
    mapped.depart();
    mapped.abandon();
    expect([source.isDelayed, source.isAbandoned, told]).toEqual([false, true, ['departed']]);
  });
});
