import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** Runs in a transaction that may be undone and repeated: it has no effect but on the database. */
type RemovalHook = (manager: EntityManager, nodeId: string) => Promise<void>;
type Hook = () => void | Promise<void>;
type GoneListener = (nodeId: string) => void;

/** What happens to nodes, for those who keep things in their name. Hooks are registered while the application is made. */
@Injectable()
export class ClusterEvents {
  private readonly logger = new Logger('Cluster');
  private readonly removal: RemovalHook[] = [];
  private readonly gone: GoneListener[] = [];
  private readonly fencedHooks: Hook[] = [];
  private readonly readyHooks: Hook[] = [];
  private readonly replacedHooks: Hook[] = [];

  /**
   * Runs in the transaction that ends the lease of a node, exactly once a lease: it died, it left, or it comes back under
   * the same name. What the node held in the database is to be freed.
   */
  onNodeRemoved(hook: RemovalHook): void {
    this.removal.push(hook);
  }

  /** Called once a lease that ended, after the commit and at one node only: the one whose transaction it was. */
  onNodeGone(listener: GoneListener): void {
    this.gone.push(listener);
  }

  /**
   * Called when this node finds that it was taken for dead: whatever it held is somebody else's by now. No command starts
   * before the hooks have settled, and those of `onReady` that follow.
   */
  onFenced(hook: Hook): void {
    this.fencedHooks.push(hook);
  }

  /** Called when this node has a lease: at the start before it serves anybody, and again after it was fenced. */
  onReady(hook: Hook): void {
    this.readyHooks.push(hook);
  }

  /** Called when another process has this node's name and lives: this one is to serve nobody any more. */
  onReplaced(hook: Hook): void {
    this.replacedHooks.push(hook);
  }

  async nodeRemoved(manager: EntityManager, nodeId: string): Promise<void> {
    for (const hook of this.removal) await hook(manager, nodeId);
  }

  nodeGone(nodeId: string): void {
    for (const listener of this.gone) listener(nodeId);
  }

  fenced(): Promise<void> {
    return this.run(this.fencedHooks);
  }

  ready(): Promise<void> {
    return this.run(this.readyHooks);
  }

  replaced(): Promise<void> {
    return this.run(this.replacedHooks);
  }

  private async run(hooks: readonly Hook[]): Promise<void> {
    for (const hook of hooks) {
      try {
        await hook();
      } catch (error) {
        this.logger.error({ msg: 'cluster hook failed', err: error });
      }
    }
  }
}
