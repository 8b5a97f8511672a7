import { Bus, Feed, type FeedNote, NodeInfo } from '@hubbub/bus';
import { subjectKey, syncSubject, type TapItem } from '@hubbub/protocol';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

interface ItemsNote extends FeedNote {
  readonly kind: 'items';
  readonly items: readonly TapItem[];
}
type ItemsHandler = (tapId: string, items: readonly TapItem[]) => void;

/** Brings what nodes have seen to the node that taps. */
@Injectable()
export class TapFeed implements OnApplicationShutdown {
  private readonly feed: Feed;
  private handler: ItemsHandler = () => undefined;

  constructor(
    bus: Bus,
    private readonly node: NodeInfo,
  ) {
    this.feed = new Feed(bus, node, (tapId) => syncSubject(`tap.${subjectKey(tapId)}`));
    this.feed.on<ItemsNote>('items', (tapId, { items }) => this.handler(tapId, items));
  }

  onItems(handler: ItemsHandler): void {
    this.handler = handler;
  }

  follow(tapId: string): Promise<void> {
    return this.feed.follow(tapId);
  }

  unfollow(tapId: string): void {
    this.feed.unfollow(tapId);
  }

  hand(nodeId: string, tapId: string, items: readonly TapItem[]): void {
    if (nodeId === this.node.nodeId) this.handler(tapId, items);
    else this.feed.publish<ItemsNote>(tapId, { kind: 'items', items });
  }

  onApplicationShutdown(): void {
    this.feed.close();
  }
}
