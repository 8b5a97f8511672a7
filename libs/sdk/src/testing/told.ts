/** What a handler of a test was told, to be waited for. */
export class Told<T> {
  readonly all: T[] = [];
  private readonly watchers = new Set<() => void>();

  add(one: T): void {
    this.all.push(one);
    for (const watcher of this.watchers) watcher();
  }

  /** Resolves once `condition` holds; looked at with each that is told. */
  until(condition: (all: readonly T[]) => boolean): Promise<void> {
    if (condition(this.all)) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition(this.all)) return;
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }

  /** Resolves once there are so many. */
  async count(count: number): Promise<readonly T[]> {
    await this.until((all) => all.length >= count);
    return this.all;
  }
}
