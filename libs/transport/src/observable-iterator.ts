import { HubbubError } from '@hubbub/protocol';
import type { Observable } from 'rxjs';

/** Items of an Observable that wait for a slow reader: it cannot be slowed down, so beyond this its stream fails. */
export const MAX_WAITING_ITEMS = 4096;

interface Reader {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads an Observable item by item. Subscribed at once; `return()` unsubscribes. When the reader falls behind by more
 * than `maxWaiting` items, it is unsubscribed and the next read fails with ServerError.
 */
export function iterate(
  source: Observable<unknown>,
  maxWaiting = MAX_WAITING_ITEMS,
): AsyncIterator<unknown, undefined> {
  const waiting: unknown[] = [];
  let taken = 0;
  let reader: Reader | null = null;
  let ended = false;
  let error: unknown;
  let failed = false;

  const end = (failure: unknown, isFailure: boolean) => {
    if (ended) return;
    ended = true;
    failed = isFailure;
    error = failure;
    if (reader === null) return;
    const { resolve, reject } = reader;
    reader = null;
    if (isFailure) reject(failure);
    else resolve({ done: true, value: undefined });
  };

  const subscription = source.subscribe({
    next: (value) => {
      if (ended) return;
      if (reader !== null) {
        const { resolve } = reader;
        reader = null;
        resolve({ done: false, value });
      } else if (waiting.length - taken < maxWaiting) {
        waiting.push(value);
      } else {
        end(new HubbubError('ServerError', { message: 'The stream was faster than its connection.' }), true);
        // Not there yet while the source emits inside of subscribe().
        queueMicrotask(() => subscription.unsubscribe());
      }
    },
    error: (failure: unknown) => end(failure, true),
    complete: () => end(undefined, false),
  });

  return {
    next: () => {
      if (taken < waiting.length) {
        const value = waiting[taken++];
        if (taken === waiting.length) taken = waiting.length = 0;
        return Promise.resolve({ done: false, value });
      }
      if (!ended) return new Promise((resolve, reject) => (reader = { resolve, reject }));
      if (!failed) return Promise.resolve({ done: true, value: undefined });
      failed = false;
      return Promise.reject(error);
    },
    return: () => {
      subscription.unsubscribe();
      waiting.length = taken = 0;
      end(undefined, false);
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}

/** `first`, already read, before the rest. */
export function prepend(
  first: IteratorResult<unknown, undefined>,
  rest: AsyncIterator<unknown, undefined>,
): AsyncIterableIterator<unknown, undefined> {
  let pending: IteratorResult<unknown, undefined> | null = first;
  return {
    next: () => {
      if (pending === null) return rest.next();
      const result = pending;
      pending = null;
      return Promise.resolve(result);
    },
    return: () => rest.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
