import type { TapItem } from '@hubbub/protocol';
import { TokenBucket } from '@hubbub/transport';
import type { Seen } from './tap-item.js';
import { ITEMS_PER_S, type TapSpec } from './tap-options.js';

/** What one node sees for one tap: sampled, bounded, and composed only where it is shown. Pure. */
export class TapSource {
  private readonly bucket: TokenBucket;
  private skipped = 0;
  private batch: TapItem[] = [];

  /** @param ready told that there is something to `take`, once until that is done */
  constructor(
    readonly spec: TapSpec,
    private readonly nodeId: string,
    private readonly ready: () => void,
    now: number,
  ) {
    this.bucket = new TokenBucket(ITEMS_PER_S, ITEMS_PER_S, now);
  }

  /** @param now ms, of any clock that goes on */
  see(compose: (content: boolean) => Seen, now: number, random = Math.random): void {
    const { sample, content } = this.spec;
    if (sample < 1 && random() >= sample) return;
    if (this.bucket.take(now) > 0) {
      this.skipped++;
      return;
    }
    const { skipped } = this;
    this.skipped = 0;
    const item = { at: Date.now(), node_id: this.nodeId, ...compose(content), ...(skipped === 0 ? {} : { skipped }) };
    if (this.batch.push(item) === 1) this.ready();
  }

  take(): TapItem[] {
    const { batch } = this;
    this.batch = [];
    return batch;
  }
}
