import { CommandError } from './command-error.js';

/** Most items that wait for the reader. */
const MAX_WAITING = 10_000;

type Reader<T> = { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void };

/**
 * Items for one reader, who takes them at his own pace, with `for await`. One who is more than 10,000 behind is given those,
 * and then QueueFull.
 */
export class Feed<T> implements AsyncIterableIterator<T, undefined> {
  private readonly items: T[] = [];
  private readers: Reader<T>[] = [];
  private ending: { readonly error?: unknown } | null = null;

  /** @param stop called once, when nobody reads any more or nothing more comes */
  constructor(private readonly stop: () => void) {}

  push(item: T): void {
    if (this.ending) return;
    const reader = this.readers.shift();
    if (reader) reader.resolve({ done: false, value: item });
    else if (this.items.length < MAX_WAITING) this.items.push(item);
    else this.end({ error: new CommandError('QueueFull', { message: 'The reader is too far behind.' }) });
  }

  /** Nothing more comes. What is here is still read, and after it the error, if there is one. */
  end(ending: { readonly error?: unknown } = {}): void {
    if (this.ending) return;
    this.ending = ending;
    for (const reader of this.readers.splice(0)) this.settle(reader);
    this.stop();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      if (this.items.length > 0) resolve({ done: false, value: this.items.shift() as T });
      else if (this.ending) this.settle(reader);
      else this.readers.push(reader);
    });
  }

  /** The reader has enough. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.items.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** An error is told once. */
  private settle(reader: Reader<T>): void {
    const { ending } = this;
    this.ending = {};
    if (ending && 'error' in ending) reader.reject(ending.error);
    else reader.resolve({ done: true, value: undefined });
  }
}
