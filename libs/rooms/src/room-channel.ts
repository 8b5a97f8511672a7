import { encodeRoomMessage, type LoggedMessage, OrderedChannel } from '@hubbub/messages';
import { Push } from '@hubbub/transport';

/** What a channel delivers to; a `Connection` is one. */
export interface Recipient {
  /** Queues `push` and returns at once. Must not throw. */
  send(push: Push): void;
}

/** Something to be delivered, encoded when the first recipient gets it. */
interface Delivery<R> {
  readonly encode: () => Push;
  push: Push | null;
  /** Does not get it: the connection that sent it. */
  readonly except: R | null;
  /** Called once, in its place among the deliveries, so that what it says to `except` is in order too. */
  placed: (() => void) | null;
}

/** A stored message and, if it was sent by a connection of this node, who answers that connection. */
export interface Sent<R> {
  readonly message: LoggedMessage;
  readonly sender: R | null;
  /** Answers the sender: its own message appears to it as the reply, at exactly its place. */
  readonly placed: () => void;
}

/**
 * The ordered fan-out of one room to its connections on this node. Every push is encoded once, whatever the number of
 * recipients. Pure: no timers, no I/O; whoever owns it fills the holes.
 */
export class RoomChannel<R extends Recipient> {
  private readonly order: OrderedChannel<R, Delivery<R>>;
  /** Sent from here and not deliverable when they were offered: the log brings them without their senders. */
  private readonly overflow = new Map<number, Sent<R>>();
  private readonly awaited: { readonly seq: number; readonly reached: () => void }[] = [];

  constructor(readonly epoch: string) {
    this.order = new OrderedChannel((item, seq, members) => this.deliver(item, seq, members));
  }

  /** Highest `seq` that the recipients are up to. */
  get head(): number {
    return this.order.head;
  }

  /** Numbers that are missing. */
  get hole(): { after: number; upTo: number } | null {
    return this.order.hole();
  }

  /** Says where the log stood; messages offered above that are delivered now. */
  start(head: number): void {
    this.order.start(head);
    this.wake();
  }

  /** Delivers a stored message in its turn. */
  offer(sent: Sent<R>): void {
    const { seq } = sent.message;
    const outcome = this.order.offer(
      seq,
      delivery(() => encoded(sent.message), sent.sender, sent.placed),
    );
    if (outcome === 'repeat') this.whenReached(seq, sent.placed);
    else if (outcome === 'dropped') this.overflow.set(seq, sent);
  }

  /** Delivers messages that the log brought to fill a hole. */
  refill(messages: readonly LoggedMessage[]): void {
    for (const message of messages) {
      const sent = this.overflow.get(message.seq);
      this.overflow.delete(message.seq);
      this.offer(sent ?? { message, sender: null, placed: nothing });
    }
  }

  /** Gives up what the log does not keep any more, up to `seq`. */
  skip(seq: number): void {
    for (const [each, sent] of this.overflow) {
      if (each > seq) continue;
      this.overflow.delete(each);
      this.awaited.push({ seq: each, reached: sent.placed });
    }
    this.order.skip(seq);
    this.wake();
  }

  /** Calls `reached` once everything up to `seq` has been delivered, at once where it has. */
  whenReached(seq: number, reached: () => void): void {
    if (seq <= this.head) reached();
    else this.awaited.push({ seq, reached });
  }

  /** Delivers now what has no number. */
  broadcast(push: Push, except: R | null = null): void {
    this.order.pass({ encode: () => push, push, except, placed: null });
  }

  /** Delivers now what has no number and is encoded only if somebody gets it. */
  pass(encode: () => Push, sender: R | null, placed: () => void): void {
    this.order.pass(delivery(encode, sender, placed));
  }

  /** Adds a recipient that gets nothing until `release`, and then all above the returned head. */
  hold(recipient: R): number {
    return this.order.join(recipient);
  }

  release(recipient: R): void {
    this.order.release(recipient);
  }

  remove(recipient: R): void {
    this.order.leave(recipient);
  }

  has(recipient: R): boolean {
    return this.order.has(recipient);
  }

  recipients(): IterableIterator<R> {
    return this.order.members();
  }

  /** The room is gone, and its recipients with it: nobody waits for his place any longer. */
  close(): void {
    for (const recipient of this.recipients()) this.remove(recipient);
    this.start(0);
    for (let { hole } = this; hole !== null; { hole } = this) this.skip(hole.upTo);
    for (const { reached } of this.awaited.splice(0)) reached();
  }

  private deliver(item: Delivery<R>, seq: number | null, recipients: Iterable<R>): void {
    const { except } = item;
    let { push } = item;
    for (const recipient of recipients) {
      if (recipient === except) continue;
      push ??= item.encode();
      recipient.send(push);
    }
    item.push = push;
    const { placed } = item;
    if (placed !== null) {
      // Held recipients get the same item later.
      item.placed = null;
      placed();
    }
    if (seq !== null && this.awaited.length > 0) this.wake();
  }

  private wake(): void {
    const due = this.awaited.filter(({ seq }) => seq <= this.head);
    if (due.length === 0) return;
    const later = this.awaited.filter(({ seq }) => seq > this.head);
    this.awaited.splice(0, Number.POSITIVE_INFINITY, ...later);
    for (const { reached } of due) reached();
  }
}

function delivery<R>(encode: () => Push, sender: R | null, placed: () => void): Delivery<R> {
  return { encode, push: null, except: sender, placed };
}

function encoded(message: LoggedMessage): Push {
  return new Push('room_message', encodeRoomMessage(message));
}

function nothing(): void {
  // A message of another node: nobody here waits for its place.
}
