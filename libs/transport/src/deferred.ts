/** Told of the end once: `error` is undefined exactly when it went well. */
export type SettledListener<T> = (error: unknown, value: T | undefined) => void;

/**
 * The answer of a command that is under way. Whoever finishes it settles it *synchronously*: its reply takes its place
 * among the pushes of the same turn, where a promise would let every push of the turn pass first.
 */
export class Deferred<T> {
  private settled = false;
  private error: unknown = undefined;
  private value: T | undefined = undefined;
  private listeners: SettledListener<T> | SettledListener<T>[] | null = null;

  static resolved<T>(value: T): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.resolve(value);
    return deferred;
  }

  static rejected<T>(error: unknown): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.reject(error);
    return deferred;
  }

  get isSettled(): boolean {
    return this.settled;
  }

  /** The first settlement counts; later ones are ignored. */
  resolve(value: T): void {
    this.settle(undefined, value);
  }

  reject(error: unknown): void {
    this.settle(error ?? new Error('rejected without a reason'), undefined);
  }

  /** Calls `listener` at the settlement, in the order of registration; at once when that has been. Must not throw. */
  onSettled(listener: SettledListener<T>): void {
    if (this.settled) listener(this.error, this.value);
    else if (this.listeners === null) this.listeners = listener;
    else if (Array.isArray(this.listeners)) this.listeners.push(listener);
    else this.listeners = [this.listeners, listener];
  }

  /** The same end with another value, still synchronous. A throwing `transform` rejects. */
  map<U>(transform: (value: T) => U): Deferred<U> {
    const mapped = new Deferred<U>();
    this.onSettled((error, value) => {
      if (error !== undefined) return mapped.reject(error);
      let result: U;
      try {
        result = transform(value as T);
      } catch (failure) {
        return mapped.reject(failure);
      }
      mapped.resolve(result);
    });
    return mapped;
  }

  promise(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onSettled((error, value) => (error === undefined ? resolve(value as T) : reject(error)));
    });
  }

  private settle(error: unknown, value: T | undefined): void {
    if (this.settled) return;
    this.settled = true;
    this.error = error;
    this.value = value;
    const listeners = this.listeners;
    this.listeners = null;
    if (listeners === null) return;
    if (Array.isArray(listeners)) for (const listener of listeners) listener(error, value);
    else listeners(error, value);
  }
}
