/** Typed events: each event name with what its listeners are given. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls `listener` at each `type` event, in the order of registration. @returns what ends it */
  on<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): () => void {
    let set = this.listeners.get(type);
    if (set === undefined) this.listeners.set(type, (set = new Set()));
    set.add(listener);
    return () => this.off(type, listener);
  }

  /** Calls `listener` at the next `type` event only. @returns what ends it before */
  once<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): () => void {
    const stop = this.on(type, (event) => {
      stop();
      listener(event);
    });
    return stop;
  }

  off<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): void {
    this.listeners.get(type)?.delete(listener);
  }

  protected emit<T extends keyof Events>(type: T, event: Events[T]): void {
    for (const listener of [...(this.listeners.get(type) ?? [])]) {
      try {
        (listener as (event: Events[T]) => void)(event);
      } catch (error) {
        // As EventTarget does: it is the application's bug and must show, but the next message still comes.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
