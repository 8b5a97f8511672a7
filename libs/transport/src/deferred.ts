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
  /** What this one was mapped from: whoever made that wants to know what becomes of the answer. */
  private source: Deferred<unknown> | null = null;
  private abandoned = false;
  private delayed = false;
  private departed: (() => void) | null = null;

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

  /** Nobody waits for it any more: its command was answered without it, with Timeout. */
  get isAbandoned(): boolean {
    return this.abandoned;
  }

  abandon(): void {
    this.abandoned = true;
    this.source?.abandon();
  }

  /**
   * It was settled in its place, and its reply has to wait for those of earlier commands: what has to follow the reply is
   * to be held back until `onDeparted`.
   */
  get isDelayed(): boolean {
    return this.delayed;
  }

  delay(): void {
    this.delayed = true;
    this.source?.delay();
  }

  /** The reply that was delayed has left. */
  depart(): void {
    if (!this.delayed) return;
    this.delayed = false;
    this.departed?.();
    this.source?.depart();
  }

  /** Calls `listener` when the reply that is delayed has left; never if the connection ends before that. */
  onDeparted(listener: () => void): void {
    this.departed = listener;
  }

  /** The same end with another value, still synchronous. A throwing `transform` rejects. */
  map<U>(transform: (value: T) => U): Deferred<U> {
    const mapped = new Deferred<U>();
    mapped.source = this as Deferred<unknown>;
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
