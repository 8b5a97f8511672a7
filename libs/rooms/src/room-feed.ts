import { Bus, Feed, type FeedNote, NodeInfo } from '@hubbub/bus';
import { roomFeedSubject } from '@hubbub/protocol';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** Something about a room that other nodes with members of it should know at once. */
export type RoomNote = FeedNote;

/**
 * What the nodes with members of a room tell each other about it: one subscription a room, held by its channel from before
 * the log is read until some seconds after the last member here has left.
 */
@Injectable()
export class RoomFeed extends Feed implements OnApplicationShutdown {
  constructor(bus: Bus, node: NodeInfo) {
    super(bus, node, roomFeedSubject);
  }

  onApplicationShutdown(): void {
    this.close();
  }
}
