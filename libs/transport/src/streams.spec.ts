import { HubbubError } from '@hubbub/protocol';
import { Subject } from 'rxjs';
import { discardStream, isStream, MAX_STREAMS, type StreamEnd, type StreamSource, Streams } from './streams.js';
import { RecordingConnection } from './testing/recording-connection.js';

/** A source whose items the test hands out, and which notes that it was let go. */
class Tap implements AsyncIterableIterator<number> {
  read = 0;
  released = false;
  private reader: ((result: IteratorResult<number>) => void) | null = null;

  give(value: number): void {
    this.reader?.({ done: false, value });
  }
  next(): Promise<IteratorResult<number>> {
    this.read++;
    return new Promise((resolve) => (this.reader = resolve));
  }
  return(): Promise<IteratorResult<number>> {
    this.released = true;
    return Promise.reject(new Error('cleaning up failed'));
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}

async function* count(to: number) {
  for (let i = 1; i <= to; i++) yield await Promise.resolve(i);
}

describe('Streams', () => {
  let streams: Streams;
  let connection: RecordingConnection;
  beforeEach(() => {
    streams = new Streams();
    connection = new RecordingConnection();
  });
  const start = (source: StreamSource, requestId?: number | string): Promise<StreamEnd> =>
    new Promise((resolve) => {
      streams.start({ connection, itemType: 'x_item', requestId, source, onEnd: resolve });
    });

  it('sends each item with the id of its command, then tells the end', async () => {
    expect(await start(count(3), 'q')).toEqual({ cancelled: false });
    expect(connection.frames).toEqual([1, 2, 3].map((data) => ({ type: 'x_item', data, id: 'q' })));
    expect(streams.count(connection)).toBe(0);
  });

  it('tells what its source threw, after the items before it', async () => {
    const failure = new Error('broken');
    async function* broken() {
      yield await Promise.resolve(1);
      throw failure;
    }
    expect(await start(broken())).toEqual({ error: failure });
    expect(connection.frames).toHaveLength(1);
  });

  it('ends and lets go of its source at an item that is not JSON', async () => {
    const tap = new Tap();
    const end = start({ [Symbol.asyncIterator]: () => tap });
    (tap as { give(value: unknown): void }).give(1n);
    expect(await end).toEqual({ error: expect.any(TypeError) as TypeError });
    expect(tap.released).toBe(true);
  });

  it('reads on only when the connection takes more', async () => {
    connection.block();
    const tap = new Tap();
    void start(tap);
    await new Promise(setImmediate);
    expect(tap.read).toBe(0);
    connection.unblock();
    await new Promise(setImmediate);
    expect(tap.read).toBe(1);
    connection.block();
    tap.give(1);
    await new Promise(setImmediate);
    expect(connection.frames).toHaveLength(1);
    expect(tap.read).toBe(1);
  });

  it('ends at cancel without waiting for its source, and lets go of it', async () => {
    const tap = new Tap();
    const end = start(tap, 7);
    expect(streams.cancel(connection, '7')).toBe(false);
    expect(streams.cancel(connection, 7)).toBe(true);
    expect(await end).toEqual({ cancelled: true });
    expect(tap.released).toBe(true);
    tap.give(1);
    await new Promise(setImmediate);
    expect(connection.frames).toEqual([]);
    expect(streams.cancel(connection, 7)).toBe(false);
  });

  it('ends with its connection', async () => {
    const source = new Subject<number>();
    const taps = [new Tap(), new Tap()];
    const ends = [...taps.map((tap) => start(tap)), start(source)];
    streams.end(connection);
    expect(await Promise.all(ends)).toEqual([{ cancelled: true }, { cancelled: true }, { cancelled: true }]);
    expect(taps.map(({ released }) => released)).toEqual([true, true]);
    expect(source.observed).toBe(false);
    expect(streams.count(connection)).toBe(0);
  });

  it('refuses a second stream with the id of a running one, and lets go of it', () => {
    void start(new Tap(), 7);
    const second = new Tap();
    expect(() =>
      streams.start({ connection, itemType: 'x', requestId: 7, source: second, onEnd: () => undefined }),
    ).toThrow(expect.objectContaining({ name: 'InvalidMessageID' }) as HubbubError);
    expect(second.released).toBe(true);
    expect(streams.count(connection)).toBe(1);
    void start(new Tap(), '7');
    void start(new Tap());
    void start(new Tap());
    expect(streams.count(connection)).toBe(4);
  });

  it('bounds how many one connection has running', () => {
    for (let i = 0; i < MAX_STREAMS; i++) void start(new Tap(), i);
    expect(() =>
      streams.start({ connection, itemType: 'x', requestId: 'more', source: new Tap(), onEnd: () => undefined }),
    ).toThrow(expect.objectContaining({ name: 'RateLimited' }) as HubbubError);
    connection = new RecordingConnection();
    void start(new Tap(), 1);
    expect(streams.count(connection)).toBe(1);
  });

  it('never starts a generator that is let go', () => {
    let started = false;
    async function* lazy() {
      started = true;
      yield await Promise.resolve(1);
    }
    discardStream(lazy());
    expect(started).toBe(false);
  });

  it('are async iterables and Observables, and nothing else', () => {
    expect([count(1), new Subject(), new Tap()].map(isStream)).toEqual([true, true, true]);
    expect([[1], 'text', null, undefined, {}, new Map(), { subscribe: 1 }].map(isStream)).toEqual(Array(7).fill(false));
  });
});
