/** What is used of IndexedDB and of Web Locks, as promises. Types of our own: not everybody who has this file has the DOM's. */

interface Target<Event extends string> {
  addEventListener(event: Event, listener: () => void): void;
}

export interface Factory {
  open(name: string, version: number): Request<Database> & Target<'upgradeneeded'>;
}

export interface Database extends Target<'close' | 'versionchange'> {
  createObjectStore(name: string, options: object): { createIndex(name: string, keyPath: string): unknown };
  transaction(names: string, mode: 'readonly' | 'readwrite'): Transaction;
  close(): void;
}

export interface Transaction extends Target<'complete' | 'abort'> {
  objectStore(name: string): ObjectStore;
  readonly error: unknown;
}

interface ObjectStore {
  put(value: unknown): unknown;
  delete(key: string): unknown;
  index(name: string): { getAll(key: string): Request<unknown[]> };
}

interface Request<T> extends Target<'success' | 'error'> {
  readonly result: T;
  readonly error: unknown;
}

export interface Locks {
  request<T>(name: string, options: { ifAvailable?: boolean }, work: (lock: unknown) => T): Promise<Awaited<T>>;
}

export function answered<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

/** Resolves once all of it is written; rejects if nothing is. */
export function completed(transaction: Transaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', resolve);
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
}
