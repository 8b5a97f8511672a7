import { Bus, Feed, NodeInfo } from '@hubbub/bus';
import { userFeedSubject } from '@hubbub/protocol';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/**
 * What the nodes with connections of a user tell each other about him: one subscription a user, held by his inbox from before
 * its head is read until some seconds after his last connection here has ended.
 */
@Injectable()
export class InboxFeed extends Feed implements OnApplicationShutdown {
  constructor(bus: Bus, node: NodeInfo) {
    super(bus, node, userFeedSubject);
  }

  onApplicationShutdown(): void {
    this.close();
  }
}
