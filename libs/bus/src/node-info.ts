/** This node, as it is known to others. */
export class NodeInfo {
  constructor(
    readonly nodeId: string,
    readonly version: string,
    /** Whether there may be other nodes: what only they need to know is stored and published. */
    readonly clustered = false,
    /** Unix ms. */
    readonly startedAt: number = Date.now(),
  ) {}
}
