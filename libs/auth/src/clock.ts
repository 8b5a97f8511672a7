import { ClusterClock } from '@hubbub/cluster';
import { Inject, Injectable, Optional } from '@nestjs/common';

/** What time it is, for everything here that expires: the same on all nodes. Tests provide another. */
@Injectable()
export class Clock {
  constructor(
    @Optional() @Inject(ClusterClock) private readonly source: Pick<ClusterClock, 'now' | 'slackMs'> = ALONE,
  ) {}

  /** Unix milliseconds. */
  now(): number {
    return this.source.now();
  }

  /** Unix milliseconds: no node's clock is beyond it now. */
  latest(): number {
    return this.now() + this.source.slackMs;
  }
}

const ALONE = { now: () => Date.now(), slackMs: 0 };
