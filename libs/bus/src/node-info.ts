/** This node, as it is known to others. */
export class NodeInfo {
  constructor(
    readonly nodeId: string,
    readonly version: string,
    /** Unix ms. */
    readonly startedAt: number = Date.now(),
  ) {}
}
