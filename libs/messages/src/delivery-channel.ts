import type { Deferred, Push } from '@hubbub/transport';
import { type Hole, type Offered, OrderedChannel } from './ordered-channel.js';

/** What a channel delivers to; a `Connection` is one. */
export interface Recipient {
  /** Queues `push` and returns at once. Must not throw. */
  send(push: Push): void;
}

/** What becomes of the answer to a sender; a `Deferred` is one. */
export type Answer = Pick<Deferred<unknown>, 'isAbandoned' | 'isDelayed' | 'onDeparted'>;

/** A stored message and, if it was sent by a connection of this node, who answers that connection. */
export interface Sent<R, M> {
  readonly message: M;
  readonly sender: R | null;
  /**
   * Answers the sender: its own message appears to it as the reply, at exactly its place.
   * @param handedTo recipients that were handed the message; 0 where it was handed out without its sender's knowledge
   */
  readonly placed: (handedTo: number) => void;
  /** That answer: where nobody waits for it any more, the sender gets the push; where its reply is delayed, what follows waits. */
  readonly answer?: Answer;
}

/** Something to be delivered, encoded when the first recipient gets it. */
interface Delivery<R, M> {
  /** Null for what is not stored. */
  message: M | null;
  readonly encode: (() => Push) | null;
  push: Push | null;
  /** Does not get it: the connection that sent it. */
  readonly except: R | null;
  /** Whether a recipient is passed over; null where nobody is. */
  readonly omits: ((recipient: R) => boolean) | null;
  readonly answer: Answer | null;
  /** Called once, in its place among the deliveries, so that what it says to `except` is in order too. */
  placed: ((handedTo: number) => void) | null;
}

export interface DeliveryChannelOptions<M> {
  readonly encode: (message: M) => Push;
  /** Shown each stored message in its turn, before any recipient is; what it returns is delivered. */
  readonly arriving?: (message: M) => M;
}

/**
 * The ordered fan-out of one log to connections of this node. Every push is encoded once, whatever the number of
 * recipients. Pure: no timers, no I/O; whoever owns it fills the holes.
 */
export class DeliveryChannel<R extends Recipient, M extends { readonly seq: number }> {
  protected readonly order: OrderedChannel<R, Delivery<R, M>>;
  /** Sent from here and not deliverable when they were offered: the log brings them without their senders. */
  private overflow: Map<number, Sent<R, M>> | null = null;

  constructor(private readonly options: DeliveryChannelOptions<M>) {
    this.order = new OrderedChannel((item, _seq, members) => this.deliver(item, members));
  }

  /** Highest `seq` that the recipients are up to. */
  get head(): number {
    return this.order.head;
  }

  /** Numbers that are missing. */
  get hole(): Hole | null {
    return this.order.hole();
  }

  /** Whether numbers are missing. */
  get isBehind(): boolean {
    return this.order.isBehind;
  }

  get started(): boolean {
    return this.order.started;
  }

  /** Recipients, held ones included. */
  get size(): number {
    return this.order.size;
  }

  /** Says where the log stood; messages offered above that are delivered now. */
  start(head: number): void {
    for (const { placed } of this.order.start(head)) placed?.(0);
  }

  /** Learns that the log goes up to `seq`. */
  expect(seq: number): void {
    this.order.expect(seq);
  }

  /** Delivers a stored message in its turn. */
  offer(sent: Sent<R, M>): void {
    const { message, sender, placed, answer = null } = sent;
    const item = { message, encode: null, push: null, except: sender, omits: null, answer, placed };
    const outcome = this.order.offer(message.seq, item);
    if (outcome === 'repeat') this.whenReached(message.seq, () => placed(0));
    else if (outcome === 'dropped') (this.overflow ??= new Map()).set(message.seq, sent);
  }

  /**
   * Delivers, each in its turn, messages that another node has told of or the log has brought.
   * @param placed called for each in its turn, as that of `Sent`; at once with 0 where it has to be brought again
   * @returns how many of them were new
   */
  receive(messages: readonly M[], placed: (handedTo: number) => void = nothing): number {
    let fresh = 0;
    for (const message of messages) {
      const sent = this.overflow?.get(message.seq);
      if (sent !== undefined) {
        this.overflow?.delete(message.seq);
        this.offer(sent);
        continue;
      }
      const item = { message, encode: null, push: null, except: null, omits: null, answer: null, placed };
      const outcome = this.order.offer(message.seq, item);
      if (outcome === 'delivered' || outcome === 'waiting') fresh++;
      else if (placed !== nothing) this.unplaced(outcome, message.seq, placed);
    }
    return fresh;
  }

  /** Gives up what the log does not keep any more, up to `seq`. */
  skip(seq: number): void {
    for (const [each, { placed }] of this.overflow ?? []) {
      if (each > seq) continue;
      this.overflow?.delete(each);
      this.whenReached(each, () => placed(0));
    }
    this.order.skip(seq);
  }

  /** Calls `reached` once everything up to `seq` has been delivered, at once where it has. */
  whenReached(seq: number, reached: () => void): void {
    this.order.whenReached(seq, reached);
  }

  /** Delivers now what has no number. */
  broadcast(push: Push, except: R | null = null): void {
    this.order.pass({ message: null, encode: null, push, except, omits: null, answer: null, placed: null });
  }

  /** Delivers now what has no number and is encoded only if somebody gets it. @param omits who is passed over */
  pass(
    encode: () => Push,
    sender: R | null,
    placed: () => void,
    omits: ((recipient: R) => boolean) | null = null,
  ): void {
    this.order.pass({ message: null, encode, push: null, except: sender, omits, answer: null, placed });
  }

  /** Adds a recipient that gets nothing until `release`, and then all above the returned head. */
  hold(recipient: R): number {
    return this.order.join(recipient);
  }

  /** Adds a recipient that gets all above the returned head from now on. */
  enter(recipient: R): number {
    return this.order.enter(recipient);
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

  /** The log is gone, and its recipients with it: nobody waits for his place any longer. */
  close(): void {
    for (const recipient of this.recipients()) this.remove(recipient);
    this.start(0);
    for (let { hole } = this; hole !== null; { hole } = this) this.skip(hole.upTo);
    this.order.giveUp();
  }

  private deliver(item: Delivery<R, M>, recipients: Iterable<R>): void {
    const { placed, except, omits } = item;
    // Held recipients get the same item later.
    item.placed = null;
    // It is kept before anybody is told of it, who could ask for it.
    if (placed !== null && item.message !== null && this.options.arriving) {
      item.message = this.options.arriving(item.message);
    }
    let { push } = item;
    let handedTo = 0;
    let isSenderAmong = false;
    for (const recipient of recipients) {
      if (recipient === except) {
        isSenderAmong = true;
        continue;
      }
      if (omits !== null && omits(recipient)) continue;
      push ??= this.encoded(item);
      recipient.send(push);
      handedTo++;
    }
    item.push = push;
    placed?.(handedTo);
    if (isSenderAmong) this.followReply(item, except as R);
  }

  private unplaced(outcome: Offered, seq: number, placed: (handedTo: number) => void): void {
    if (outcome === 'repeat') this.whenReached(seq, () => placed(0));
    else placed(0);
  }

  private followReply(item: Delivery<R, M>, sender: R): void {
    const { answer } = item;
    if (answer?.isAbandoned) {
      item.push ??= this.encoded(item);
      sender.send(item.push);
    } else if (answer?.isDelayed) {
      // Settled, and its reply waits for those of earlier commands: nothing of this log may overtake it.
      this.order.hold(sender);
      answer.onDeparted(() => this.order.release(sender));
    }
  }

  private encoded({ message, encode }: Delivery<R, M>): Push {
    return encode === null ? this.options.encode(message as M) : encode();
  }
}

function nothing(): void {
  // A message of another node: nobody here waits for its place.
}
