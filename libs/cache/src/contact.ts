import { randomInt } from 'node:crypto';

/**
 * Port: whether this node may rely on what it remembers. Implemented by cluster; without it this node is alone, and nobody
 * else changes anything.
 */
export abstract class Contact {
  /**
   * The generation of what is remembered; what was read in another does not count. Null while the other nodes may not know
   * of this one: then nothing counts.
   */
  abstract readonly generation: number | null;

  /** Until when this node is sure of the generation, and of who else there is, by `performance.now()`. */
  abstract readonly until: number;

  /**
   * Begins another generation: somebody may not have heard of a change. Resolves once no node relies on what it read before,
   * as it knows of the new generation or has not looked for so long that it is sure of none.
   * @throws HubbubError ServerError: that is not known
   */
  abstract renounce(): Promise<void>;
}

/** Of a node that has no others. Its generations are its own, as those of an earlier process may still be in Redis. */
export class NoContact extends Contact {
  generation = randomInt(2 ** 47);
  readonly until = Number.POSITIVE_INFINITY;

  override async renounce(): Promise<void> {
    this.generation++;
  }
}
