type NodeListener = (nodeId: string) => void;

/**
 * Which nodes are alive, as this one knows it. A lone node knows itself; in a cluster the registry, which reads the leases
 * in the database, keeps it up to date. Listeners are synchronous.
 */
export class Nodes {
  private readonly known: Set<string>;
  private readonly joined: NodeListener[] = [];
  private readonly gone: NodeListener[] = [];

  constructor(readonly self: string) {
    this.known = new Set([self]);
  }

  /** Ids of the living nodes, this one included. */
  alive(): readonly string[] {
    return [...this.known];
  }

  has(nodeId: string): boolean {
    return this.known.has(nodeId);
  }

  /** Told of every other node that is there from now on. */
  onJoined(listener: NodeListener): void {
    this.joined.push(listener);
  }

  /** Told of every other node that has left or is taken for dead: what it said does not count any more. */
  onGone(listener: NodeListener): void {
    this.gone.push(listener);
  }

  /** For the registry: who is alive now. This node always is. */
  update(alive: Iterable<string>): void {
    const now = new Set([this.self, ...alive]);
    const gone = [...this.known].filter((nodeId) => !now.has(nodeId));
    const joined = [...now].filter((nodeId) => !this.known.has(nodeId));
    for (const nodeId of gone) this.known.delete(nodeId);
    for (const nodeId of joined) this.known.add(nodeId);
    for (const nodeId of gone) for (const listener of this.gone) listener(nodeId);
    for (const nodeId of joined) for (const listener of this.joined) listener(nodeId);
  }
}
