import type { Frame } from './frame.js';
import { WriteMemory } from './write-memory.js';

/** A frame and all that precede it for the same connections. Immutable but for what it remembers. */
export class ChainNode {
  /** The frame that was last appended here: the next member of the same room follows it instead of making its own. */
  child: ChainNode | null = null;
  readonly bytes: number;
  readonly frames: number;
  readonly droppableFrames: number;
  private joined: Buffer | null = null;
  private joinedAt = 0;
  private kept: Buffer | null = null;

  constructor(
    readonly parent: ChainNode | null,
    readonly frame: Frame,
  ) {
    this.bytes = (parent?.bytes ?? 0) + frame.bytes;
    this.frames = (parent?.frames ?? 0) + 1;
    this.droppableFrames = (parent?.droppableFrames ?? 0) + (frame.droppable ? 1 : 0);
  }

  /** All frames up to this one, in one buffer that is the same for everybody and good until `memory` is reset. */
  join(memory: WriteMemory): Buffer {
    if (this.joined === null || this.joinedAt !== memory.generation) {
      this.joined = written(this, memory.take(this.bytes));
      this.joinedAt = memory.generation;
    }
    return this.joined;
  }

  /** The same, good for as long as somebody needs it. */
  joinToKeep(): Buffer {
    this.kept ??= written(this, Buffer.allocUnsafe(this.bytes));
    return this.kept;
  }
}

/** `target` with all frames up to `tail` in it. */
function written(tail: ChainNode, target: Buffer): Buffer {
  for (let node: ChainNode | null = tail; node !== null; node = node.parent)
    node.frame.write(target, node.bytes - node.frame.bytes);
  return target;
}

/**
 * What all connections of a node are owed, as one tree of frames. A queue is a pointer into it; connections that were
 * sent the same frames in the same order point to the same node, so that a delivery allocates nothing and the bytes of a
 * turn are joined once for all of them.
 */
export class FrameChain {
  /** Where its nodes are joined. */
  readonly memory = new WriteMemory();
  private first: ChainNode | null = null;

  append(at: ChainNode | null, frame: Frame): ChainNode {
    const next = at === null ? this.first : at.child;
    if (next !== null && next.frame === frame) return next;
    const node = new ChainNode(at, frame);
    if (at === null) this.first = node;
    else at.child = node;
    return node;
  }

  /** Lets go of frames that nobody is owed any more. Call after a flush of all queues. */
  clear(): void {
    this.first = null;
    this.memory.reset();
  }
}

/** What one connection is owed and has not been written to its socket. */
export class SendQueue {
  private tail: ChainNode | null = null;
  /** Whether droppable frames are left out at once: the socket holds more than the limit. */
  congested = false;

  constructor(private readonly chain: FrameChain) {}

  get isEmpty(): boolean {
    return this.tail === null;
  }

  get owedBytes(): number {
    return this.tail === null ? 0 : this.tail.bytes;
  }

  get owedFrames(): number {
    return this.tail === null ? 0 : this.tail.frames;
  }

  /** @returns false if the frame was left out */
  add(frame: Frame): boolean {
    if (frame.droppable && this.congested) return false;
    this.tail = this.chain.append(this.tail, frame);
    return true;
  }

  /**
   * Everything owed, to be written now. When the socket still holds bytes of earlier turns and this would take it over
   * the limit, droppable frames are left out: whoever takes everything at once loses nothing, however much it is.
   * @param backlogBytes what the socket has not passed on yet
   * @returns null when nothing is left to write
   */
  take(backlogBytes: number, limitBytes: number): ChainNode | null {
    const tail = this.tail;
    this.tail = null;
    if (tail === null || tail.droppableFrames === 0) return tail;
    if (backlogBytes === 0 || backlogBytes + tail.bytes <= limitBytes) return tail;
    return this.withoutDroppable(tail);
  }

  clear(): void {
    this.tail = null;
  }

  private withoutDroppable(tail: ChainNode): ChainNode | null {
    const kept: Frame[] = [];
    for (let node: ChainNode | null = tail; node !== null; node = node.parent) {
      if (!node.frame.droppable) kept.push(node.frame);
    }
    let result: ChainNode | null = null;
    // Through the shared chain: others that fell behind in the same room share the result.
    for (const frame of kept.toReversed()) result = this.chain.append(result, frame);
    return result;
  }
}
