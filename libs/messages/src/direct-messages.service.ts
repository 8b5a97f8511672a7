import type { ReplyData } from '@hubbub/protocol';
import { Deferred } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { InboxExchange } from './inbox-exchange.js';
import { type InboxConnection, InboxesService } from './inboxes.service.js';
import { LogWriter } from './log-writer.js';
import type { DirectAppended, NewDirectMessage } from './messages.js';

type Reply = ReplyData<'direct_message'>;

/** Stores direct messages and hands them to both users. */
@Injectable()
export class DirectMessages {
  constructor(
    private readonly writer: LogWriter,
    private readonly inboxes: InboxesService,
    private readonly exchange: InboxExchange,
  ) {}

  /**
   * Sends a message. The answer is settled in the message's turn in the sender's inbox, after the pushes before it: at once,
   * or where the target is connected to other nodes when they have said to how many connections they handed it, which they
   * are given a second for.
   * @param connection of the sender: told by the answer, not by a push. Null: all his connections get the push
   */
  send(message: NewDirectMessage, connection: InboxConnection | null): Deferred<Reply> {
    const answer = new Deferred<Reply>();
    const storing = connection === null ? null : this.exchange.begin(message.senderId);
    this.writer.appendToInboxes(message).onSettled((error, stored) => {
      const offered = () => storing?.resolve();
      if (stored !== undefined) return this.stored(message, stored, connection, answer, offered);
      answer.reject(error);
      offered();
    });
    return answer;
  }

  private stored(
    message: NewDirectMessage,
    { seq, targetSeq, timestamp, duplicate }: DirectAppended,
    connection: InboxConnection | null,
    answer: Deferred<Reply>,
    offered: () => void,
  ): void {
    const { senderId, targetId } = message;
    const reply = { target_id: targetId, seq, timestamp };
    if (duplicate) {
      this.inboxes.reach(senderId, seq, () => answer.resolve({ ...reply, delivered: 0, duplicate }));
      return offered();
    }
    const own = { ...message, seq, timestamp };
    const isToOneself = senderId === targetId;
    // The sender's inbox waits for the count at this node, so that nothing overtakes the reply: other nodes do not.
    const counted = (delivered: number) => {
      const placed = (handedTo: number) =>
        answer.resolve({ ...reply, delivered: isToOneself ? delivered + handedTo : delivered });
      this.inboxes.offer(senderId, { message: own, sender: connection, answer, placed });
      offered();
    };
    if (isToOneself) return this.exchange.handOverElsewhere(senderId, own, counted);
    this.exchange.tellOthers(senderId, own);
    if (targetSeq === null) counted(0);
    else this.exchange.handOver(targetId, { ...message, seq: targetSeq, timestamp }, counted);
  }
}
