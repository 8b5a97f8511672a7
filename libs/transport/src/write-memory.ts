/** So much is kept from being used again by one connection that stopped reading, however little of it is meant for that. */
const BLOCK_BYTES = 32_768;
/** Blocks that are kept for the next flush: 2 MiB. */
const MOST_KEPT = 64;

/**
 * Memory for what is written in one flush, used again by the next. A fresh buffer for every write would be most of what a busy
 * node allocates, and memory that was just written is in the cache.
 */
export class WriteMemory {
  private blocks: Buffer[] = [];
  /** Index of the block that is being used, and how much of it is. */
  private at = 0;
  private used = 0;
  private isHeld = false;
  private count = 0;

  /** How often it was reset: what was taken at another number is somebody else's by now. */
  get generation(): number {
    return this.count;
  }

  /** `bytes` bytes with any content, until `reset`. */
  take(bytes: number): Buffer {
    if (bytes > BLOCK_BYTES) return Buffer.allocUnsafeSlow(bytes);
    if (this.used + bytes > BLOCK_BYTES) {
      this.at++;
      this.used = 0;
    }
    const block = (this.blocks[this.at] ??= Buffer.allocUnsafeSlow(BLOCK_BYTES));
    return block.subarray(this.used, (this.used += bytes));
  }

  /** Somebody goes on reading what was taken since the last `reset`: it will not be used again. */
  hold(): void {
    this.isHeld = true;
  }

  /** Nobody needs what was taken, unless there was a `hold`. */
  reset(): void {
    if (this.isHeld) this.blocks = [];
    else if (this.blocks.length > MOST_KEPT) this.blocks.length = MOST_KEPT;
    this.isHeld = false;
    this.at = 0;
    this.used = 0;
    this.count++;
  }
}
