import type { ReplyData } from '@hubbub/protocol';
import { Deferred } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { type InboxConnection, InboxesService } from './inboxes.service.js';
import { LogWriter } from './log-writer.js';
import type { DirectAppended, NewDirectMessage } from './messages.js';

/** Stores direct messages and hands them to both users. */
@Injectable()
export class DirectMessages {
  constructor(
    private readonly writer: LogWriter,
    private readonly inboxes: InboxesService,
  ) {}

  /**
   * Sends a message. The answer is settled in the message's turn in the sender's inbox, after the pushes before it.
   * @param connection of the sender: told by the answer, not by a push. Null: all his connections get the push
   */
  send(message: NewDirectMessage, connection: InboxConnection | null): Deferred<ReplyData<'direct_message'>> {
    const answer = new Deferred<ReplyData<'direct_message'>>();
    this.writer.appendToInboxes(message).onSettled((error, stored) => {
      if (stored === undefined) answer.reject(error);
      else this.deliver(message, stored, connection, answer);
    });
    return answer;
  }

  private deliver(
    message: NewDirectMessage,
    stored: DirectAppended,
    connection: InboxConnection | null,
    answer: Deferred<ReplyData<'direct_message'>>,
  ): void {
    const { senderId, targetId } = message;
    const { seq, targetSeq, timestamp, duplicate } = stored;
    const reply = { target_id: targetId, seq, timestamp };
    if (duplicate) return answer.resolve({ ...reply, delivered: 0, duplicate: true });

    let delivered = 0;
    if (targetSeq !== null) {
      this.inboxes.deliver(targetId, { ...message, seq: targetSeq, timestamp }, null, (handedTo) => {
        delivered = handedTo;
      });
    }
    this.inboxes.deliver(senderId, { ...message, seq, timestamp }, connection, (handedTo) => {
      answer.resolve({ ...reply, delivered: senderId === targetId ? handedTo : delivered });
    });
  }
}
