import { ClusterEvents } from '@hubbub/cluster';
import { Drain } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';

/** Sends everybody away when another process has taken this node's name: what this one does would count as the other's. */
@Injectable()
export class ClusterExit {
  constructor(events: ClusterEvents, drain: Drain) {
    events.onReplaced(() => drain.start());
  }
}
