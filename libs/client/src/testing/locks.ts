import type { LocksLike } from '../tabs/locks.js';

interface Request {
  readonly owner: object;
  grant(): void;
  refuse(): void;
}

/**
 * Exclusive Web Locks as the specification has them, for tabs of one process: granted in the order of the requests and never
 * at once, held until the callback's promise settles, taken by `steal`, and let go of by whoever dies.
 */
export class LockSpace {
  private readonly held = new Map<string, Request>();
  private readonly queues = new Map<string, Request[]>();

  /** Those of one tab. `die` ends it as a crash does. */
  tab(): LocksLike & { die(): void } {
    const owner = {};
    return {
      request: (name, options, callback) => this.request(owner, name, options, callback),
      die: () => this.die(owner),
    };
  }

  private request(
    owner: object,
    name: string,
    { signal, steal }: { signal?: AbortSignal; steal?: boolean },
    callback: (lock: unknown) => unknown,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(new DOMException('The request was aborted.', 'AbortError'));
      if (signal?.aborted) return refuse();
      const request: Request = { owner, grant, refuse };
      const queue = this.queue(name);
      const held = this.held;
      const next = () => this.next(name);
      function grant() {
        held.set(name, request);
        void Promise.resolve()
          .then(() => callback({ name }))
          .finally(() => {
            if (held.get(name) !== request) return;
            held.delete(name);
            next();
          })
          .then(resolve, reject);
      }
      if (steal) {
        held.get(name)?.refuse();
        held.delete(name);
        queue.unshift(request);
      } else queue.push(request);
      signal?.addEventListener('abort', () => {
        const index = queue.indexOf(request);
        if (index < 0) return;
        queue.splice(index, 1);
        refuse();
      });
      queueMicrotask(next);
    });
  }

  private queue(name: string): Request[] {
    let queue = this.queues.get(name);
    if (queue === undefined) this.queues.set(name, (queue = []));
    return queue;
  }

  private next(name: string): void {
    if (!this.held.has(name)) this.queue(name).shift()?.grant();
  }

  private die(owner: object): void {
    for (const [name, queue] of this.queues) {
      queue.splice(0, queue.length, ...queue.filter((request) => request.owner !== owner));
      if (this.held.get(name)?.owner === owner) this.held.delete(name);
      queueMicrotask(() => this.next(name));
    }
  }
}
