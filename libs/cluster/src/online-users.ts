import { OwnUsers, type UsersDiff, type UsersPage } from './own-users.js';
import { RemoteUsers } from './remote-users.js';

/** Who is connected where, cluster-wide: this node's users, and what the others have told of theirs. Pure. */
export class OnlineUsers {
  readonly own = new OwnUsers();
  private readonly remotes = new Map<string, RemoteUsers>();
  /** How many nodes have a user, for all that have one. */
  private readonly nodesOfUser = new Map<string, number>();

  /** @param shared told of every change of a user who has connections both here and elsewhere */
  constructor(private readonly shared: (userId: string) => void = () => {}) {}

  /** Users connected to any node. */
  get count(): number {
    return this.nodesOfUser.size;
  }

  /** Other nodes that are believed to have connections of the user. */
  nodesOf(userId: string): string[] {
    return [...this.remotes].filter(([, users]) => users.connectionsOf(userId) > 0).map(([nodeId]) => nodeId);
  }

  /** How many connections the user has at other nodes. */
  elsewhere(userId: string): number {
    let connections = 0;
    for (const users of this.remotes.values()) connections += users.connectionsOf(userId);
    return connections;
  }

  /** @returns whether it changes anything */
  set(userId: string, connections: number): boolean {
    const had = this.own.has(userId);
    if (!this.own.set(userId, connections)) return false;
    this.counted(userId, had ? 1 : 0, connections);
    return true;
  }

  /** @returns whether something of that node's is missing, so that its pages are to be asked for */
  take(nodeId: string, epoch: string, diff: UsersDiff): boolean {
    const users = this.remote(nodeId);
    users.take(epoch, diff);
    return users.hasHole;
  }

  hasHole(nodeId: string): boolean {
    return this.remotes.get(nodeId)?.hasHole ?? false;
  }

  /** @returns the page to ask for next, or null when all are there */
  load(nodeId: string, epoch: string, index: number, page: UsersPage): number | null {
    return this.remote(nodeId).load(epoch, index, page);
  }

  /** The node has gone, and its connections with it. */
  drop(nodeId: string): void {
    this.remotes.get(nodeId)?.clear();
    this.remotes.delete(nodeId);
  }

  private remote(nodeId: string): RemoteUsers {
    let users = this.remotes.get(nodeId);
    if (users === undefined) {
      users = new RemoteUsers((userId, before, after) => this.counted(userId, before, after));
      this.remotes.set(nodeId, users);
    }
    return users;
  }

  private counted(userId: string, before: number, after: number): void {
    let nodes = this.nodesOfUser.get(userId) ?? 0;
    if (before > 0 !== after > 0) {
      nodes += after > 0 ? 1 : -1;
      if (nodes > 0) this.nodesOfUser.set(userId, nodes);
      else this.nodesOfUser.delete(userId);
    }
    if (nodes > 1 && this.own.has(userId)) this.shared(userId);
  }
}
