import type { Locks } from '../indexed-db.js';

/** Web Locks as several tabs share them: exclusive, first come first served. */
export class FakeLocks implements Locks {
  private readonly lines = new Map<string, Promise<unknown>>();
  private readonly held = new Set<string>();

  async request<T>(
    name: string,
    { ifAvailable = false }: { ifAvailable?: boolean },
    work: (lock: unknown) => T,
  ): Promise<Awaited<T>> {
    if (ifAvailable && this.held.has(name)) return await work(null);
    const before = this.lines.get(name);
    this.held.add(name);
    let done = () => {};
    const mine = new Promise<void>((resolve) => (done = resolve));
    this.lines.set(name, mine);
    await before;
    this.held.add(name);
    try {
      return await work({ name });
    } finally {
      if (this.lines.get(name) === mine) {
        this.lines.delete(name);
        this.held.delete(name);
      }
      done();
    }
  }
}
