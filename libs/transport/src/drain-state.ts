import { Injectable } from '@nestjs/common';

/** Whether this node is going away. Apart from `Drain`, so that whatever refuses work then can depend on it. */
@Injectable()
export class DrainState {
  /** `serving` until the drain begins, `drained` once all connections have closed and everything is flushed. */
  state: 'serving' | 'draining' | 'drained' = 'serving';

  get isDraining(): boolean {
    return this.state !== 'serving';
  }
}
