import type { Dialect } from './dialect.js';
import { hubbubV1 } from './hubbub-v1.dialect.js';
import { Push } from './push.js';

function counting(subprotocol: string): Dialect & { encoded: number } {
  const dialect = {
    ...hubbubV1,
    subprotocol,
    encoded: 0,
    encode: (...args: Parameters<Dialect['encode']>) => {
      dialect.encoded++;
      return hubbubV1.encode(...args);
    },
  };
  return dialect;
}

describe('a push', () => {
  it('is encoded once per dialect, however many connections it goes to', () => {
    const dialects = [counting('a'), counting('b'), counting('c')];
    const push = Push.of('online', { count: 3 });
    const frames = dialects.map((dialect) => push.frame(dialect));
    for (let i = 0; i < 100; i++)
      for (const [at, dialect] of dialects.entries()) expect(push.frame(dialect)).toBe(frames[at]);
    expect(dialects.map((dialect) => dialect.encoded)).toEqual([1, 1, 1]);
  });

  it('carries its data as given', () => {
    const { payload, droppable } = new Push('room_message', '{"content":1.0}', { droppable: true }).frame(hubbubV1);
    expect(payload).toContain('"data":{"content":1.0}');
    expect(droppable).toBe(true);
    expect(Push.of('online', { count: 3 }).frame(hubbubV1).droppable).toBe(false);
  });
});
