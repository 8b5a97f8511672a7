import { Places } from './places.js';

type Task = () => Promise<void>;

/** Runs tasks of one key one after another, and those of different keys at the same time, up to a limit. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly places: Places;
  /** Tasks that wait or run. */
  size = 0;

  constructor(limit: number) {
    this.places = new Places(limit);
  }

  /** @param task is not to reject */
  run(key: string, task: Task): void {
    this.size++;
    const tail = (this.tails.get(key) ?? Promise.resolve()).then(() => this.places.hold(task));
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
}
