/** Lets so many do something at the same time. */
export class Places {
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  constructor(private readonly count: number) {}

  async hold<T>(task: () => Promise<T>): Promise<T> {
    if (this.taken >= this.count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.taken++;
    try {
      return await task();
    } finally {
      // Whoever waits longest gets the place.
      const next = this.waiting.shift();
      if (next === undefined) this.taken--;
      else next();
    }
  }
}
