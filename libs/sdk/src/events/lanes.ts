type Task = () => Promise<void>;

/** Runs tasks of one key one after another, and those of different keys at the same time, up to a limit. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  /** Tasks that wait or run. */
  size = 0;

  constructor(private readonly limit: number) {}

  /** @param task is not to reject */
  run(key: string, task: Task): void {
    this.size++;
    const tail = (this.tails.get(key) ?? Promise.resolve()).then(() => this.take(task));
    this.tails.set(key, tail);
    void tail.then(() => {
      this.size--;
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
  }

  /** Resolves once all that was given so far has run. */
  async idle(): Promise<void> {
    await Promise.all(this.tails.values());
  }

  private async take(task: Task): Promise<void> {
    if (this.running >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      await task();
    } finally {
      // Whoever waits longest gets the place.
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
