/** Runs one piece of work at a time, in the order it came. One that fails does not hold up the next. */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    // The queue goes on after a failure; who called is told it by `result`.
    this.tail = result.catch(() => {});
    return result;
  }

  /** Resolves when everything that was queued before has settled. */
  async idle(): Promise<void> {
    await this.tail;
  }
}
