/** Lets things of one name happen one after the other; of different names, at once. */
export class Turns {
  private readonly waiting = new Map<string, (() => void)[]>();

  /** Calls `begin` when it is its turn, which lasts until it calls `done`. */
  take(name: string, begin: (done: () => void) => void): void {
    const queue = this.waiting.get(name);
    const run = () => begin(() => this.next(name));
    if (queue) {
      queue.push(run);
      return;
    }
    this.waiting.set(name, []);
    run();
  }

  private next(name: string): void {
    const run = this.waiting.get(name)?.shift();
    if (run) run();
    else this.waiting.delete(name);
  }
}
