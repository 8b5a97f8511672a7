import { Push } from '@hubbub/transport';
import { encodeDirectMessage } from './encode.js';
import type { InboxMessage } from './messages.js';
import { OrderedChannel } from './ordered-channel.js';

/** What an inbox delivers to. The transport's `Connection` is one. */
export interface InboxRecipient {
  /** Queues `push`. Must not throw. */
  send(push: Push): void;
}

interface Delivery<R> {
  readonly message: InboxMessage;
  /** Sent the message itself: it is told by its reply. */
  readonly sender: R | null;
  /** Called once, with the number of connections handed to, when it is the message's turn or there is none for it. */
  readonly done: ((handedTo: number) => void) | undefined;
}

/** The inbox of one user who is connected: hands its messages to all his connections in the order of `seq`. Pure. */
export class InboxChannel<R extends InboxRecipient> {
  private readonly channel = new OrderedChannel<R, Delivery<R>>((delivery, _seq, recipients) => {
    const push = new Push('direct_message', encodeDirectMessage(delivery.message));
    let handedTo = 0;
    for (const recipient of recipients) {
      if (recipient === delivery.sender) continue;
      recipient.send(push);
      handedTo++;
    }
    delivery.done?.(handedTo);
  });

  /** Highest number that all connections have been handed. */
  get head(): number {
    return this.channel.head;
  }

  get started(): boolean {
    return this.channel.started;
  }

  get size(): number {
    return this.channel.size;
  }

  /** Says how far the log was when it was read, after the channel had begun to be offered what is stored. */
  start(head: number): void {
    this.channel.start(head);
  }

  /** From now on `recipient` gets everything above the head that is returned. */
  join(recipient: R): number {
    const head = this.channel.join(recipient);
    // Nothing has to be held here: a connection holds what comes before it was told where its inbox stands.
    this.channel.release(recipient);
    return head;
  }

  leave(recipient: R): void {
    this.channel.leave(recipient);
  }

  /**
   * Takes a stored message for delivery in its turn.
   * @param done called when all messages before it have been handed over, and at once where it has no turn of its own
   */
  offer(message: InboxMessage, sender: R | null = null, done?: (handedTo: number) => void): void {
    const offered = this.channel.offer(message.seq, { message, sender, done });
    if (offered === 'repeat' || offered === 'dropped') done?.(0);
  }

  /** Numbers missing: read them from the log, `offer` them, `skip` what the log does not have. */
  hole(): { readonly after: number; readonly upTo: number } | null {
    return this.channel.hole();
  }

  skip(seq: number): void {
    this.channel.skip(seq);
  }
}
