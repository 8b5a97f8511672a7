/** What is used of the browser's `navigator.locks`. */
export interface LocksLike {
  request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    callback: (lock: unknown) => unknown,
  ): Promise<unknown>;
}

/** Those of this page or worker; none where it is not secure. */
export function browserLocks(): LocksLike | undefined {
  return (globalThis as { navigator?: { locks?: LocksLike } }).navigator?.locks;
}

/** Holds a lock until told otherwise. Resolves, once it is held, with what lets go of it. */
export function hold(locks: LocksLike, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = () => new Promise<void>((release) => resolve(release));
    locks.request(name, {}, held).catch(reject);
  });
}

/** Calls `free` once nobody holds the lock any more. @returns what ends the wait */
export function watch(locks: LocksLike, name: string, free: () => void): () => void {
  const ending = new AbortController();
  locks.request(name, { signal: ending.signal }, free).catch(() => {});
  return () => ending.abort();
}
