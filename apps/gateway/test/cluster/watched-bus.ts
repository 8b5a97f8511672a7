import { FaultyBus } from '@hubbub/testing';

/** A bus that notes what it follows, and what comes over it. */
export class WatchedBus extends FaultyBus {
  /** Subject of each delivery so far. */
  readonly deliveries: string[] = [];
  private readonly followed = new Map<string, number>();
  private readonly watchers = new Set<() => void>();

  follows(subject: string): boolean {
    return (this.followed.get(subject) ?? 0) > 0;
  }

  /** Resolves once it does not follow `subject` any more. */
  async dropped(subject: string): Promise<void> {
    while (this.follows(subject)) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  deliveriesOf(prefix: string): number {
    return this.deliveries.filter((subject) => subject.startsWith(prefix)).length;
  }

  override async subscribe(...[subject, handler]: Parameters<FaultyBus['subscribe']>) {
    this.count(subject, 1);
    const subscription = await super.subscribe(subject, (payload, from) => {
      this.deliveries.push(from);
      handler(payload, from);
    });
    return {
      unsubscribe: async () => {
        this.count(subject, -1);
        await subscription.unsubscribe();
      },
    };
  }

  private count(subject: string, change: number): void {
    this.followed.set(subject, (this.followed.get(subject) ?? 0) + change);
    for (const watcher of this.watchers) watcher();
    this.watchers.clear();
  }
}
