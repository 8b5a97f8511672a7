import { OnlineDirectory } from '@hubbub/cluster';
import type { Deferred } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DeliveryCounts } from './delivery-counts.js';
import { HoleRepairs } from './hole-repairs.js';
import { InboxFeed } from './inbox-feed.js';
import { decodeInboxNote, encodeInboxNote } from './inbox-note.js';
import { InboxesService, inboxLogId } from './inboxes.service.js';
import type { InboxMessage } from './messages.js';
import { UnderWay } from './under-way.js';

/** Direct messages between nodes: those with connections of a user are told of what was stored in his inbox here. */
@Injectable()
export class InboxExchange implements OnModuleInit {
  constructor(
    private readonly feed: InboxFeed,
    private readonly inboxes: InboxesService,
    private readonly directory: OnlineDirectory,
    private readonly counts: DeliveryCounts,
    private readonly underWay: UnderWay,
    private readonly repairs: HoleRepairs,
  ) {}

  onModuleInit(): void {
    this.feed.onText('direct', (userId, note, from) => this.received(userId, note, from));
  }

  /**
   * A connection of this node stores a message, until the answer is resolved. Null where a hole has nothing that is under way: a node
   * alone on SQLite learns of a number when it is settled.
   */
  begin(senderId: string): Deferred<void> | null {
    return this.repairs.mayBeNeeded ? this.underWay.begin(inboxLogId(senderId), senderId) : null;
  }

  /**
   * Hands a stored message to the owner's connections at all nodes.
   * @param done called with the number of connections handed to: at once, or within a second where other nodes have
   *   connections of his, or what comes before the message is not here yet
   */
  handOver(userId: string, message: InboxMessage, done: (handedTo: number) => void): void {
    if (!this.feed.shared) return this.handOverHere(userId, message, done);
    const nodeIds = this.directory.nodesOf(userId);
    const question = this.counts.ask(nodeIds, done);
    if (nodeIds.length > 0) this.tell(userId, message, question.number);
    this.inboxes.offer(userId, { message, sender: null, placed: question.here });
  }

  /** As `handOver`, to the connections at the other nodes alone. */
  handOverElsewhere(userId: string, message: InboxMessage, done: (handedTo: number) => void): void {
    const nodeIds = this.directory.nodesOf(userId);
    if (nodeIds.length === 0) return done(0);
    const question = this.counts.ask(nodeIds, done);
    this.tell(userId, message, question.number);
    question.here(0);
  }

  /** As `handOverElsewhere`, where nobody wants to know to how many. */
  tellOthers(userId: string, message: InboxMessage): void {
    if (this.directory.nodesOf(userId).length > 0) this.tell(userId, message, null);
  }

  private handOverHere(userId: string, message: InboxMessage, done: (handedTo: number) => void): void {
    let delivered = 0;
    const placed = (handedTo: number) => {
      delivered = handedTo;
    };
    this.inboxes.offer(userId, { message, sender: null, placed });
    done(delivered);
  }

  private tell(userId: string, message: InboxMessage, question: number | null): void {
    this.feed.publishText(userId, 'direct', encodeInboxNote({ message, question }));
  }

  private received(userId: string, note: string, from: string): void {
    const { message, question } = decodeInboxNote(note);
    this.inboxes.receive(userId, message, (handedTo) => {
      if (question !== null) this.counts.answer(from, question, handedTo);
    });
  }
}
