import { Bus } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { type Connection, type Identity, Inboxes, type InboxStand, Push } from '@hubbub/transport';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveryChannel, type DeliveryChannelOptions, type Sent } from './delivery-channel.js';
import { encodeDirectMessage } from './encode.js';
import { HeadPolling } from './head-polling.js';
import { HoleRepairs } from './hole-repairs.js';
import { InboxFeed } from './inbox-feed.js';
import { type KnownHead, MessageStore } from './message-store.js';
import type { InboxMessage } from './messages.js';
import { UnderWay } from './under-way.js';

/** What inboxes need of a connection. */
export type InboxConnection = Pick<Connection, 'identity' | 'hasEnded' | 'send'>;

interface OpenInbox {
  readonly channel: DeliveryChannel<InboxConnection, InboxMessage>;
  /** Resolves once this node is told of what others store in it. */
  readonly followed: Promise<void>;
  /** Resolves once the channel has started; null after a failure: the next connection tries again. */
  starting: Promise<void> | null;
  /** Connections that wait for it. */
  opening: number;
}

/** One for all of them: there is an inbox for every user who is connected. */
const INBOX: DeliveryChannelOptions<InboxMessage> = {
  encode: (message) => new Push('direct_message', encodeDirectMessage(message)),
};

/** Under which `UnderWay` knows an inbox: no room is called so. */
export function inboxLogId(userId: string): string {
  return `inbox ${userId}`;
}

/** The inboxes of the users who are connected here. */
@Injectable()
export class InboxesService extends Inboxes implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly inboxes = new Map<string, OpenInbox>();
  private readonly polling: HeadPolling;

  constructor(
    private readonly store: MessageStore,
    private readonly repairs: HoleRepairs,
    private readonly underWay: UnderWay,
    private readonly feed: InboxFeed,
    private readonly bus: Bus,
    private readonly config: HubbubConfig,
  ) {
    super();
    this.polling = new HeadPolling({
      everyMs: () => config.cluster.repairMs,
      look: () => this.look(),
      logger: new Logger('Inboxes'),
    });
  }

  onApplicationBootstrap(): void {
    if (!this.repairs.mayBeNeeded) return;
    this.polling.start();
    this.bus.onReconnect(() => void this.polling.now());
  }

  onApplicationShutdown(): void {
    this.polling.stop();
  }

  async open(connection: InboxConnection): Promise<InboxStand> {
    const { identity } = connection;
    if (identity === null) return { epoch: '', seq: 0 };
    const { userId } = identity;
    const inbox = this.inboxes.get(userId) ?? this.begin(userId);
    inbox.opening++;
    try {
      const isStarted = inbox.starting !== null;
      inbox.starting ??= this.start(identity, inbox);
      await inbox.starting;
      if (isStarted) await this.catchUp(userId);
      const epoch = await this.store.inboxEpoch();
      // From here on nothing is awaited: what is offered next is above the head that is returned. The connection itself holds
      // what comes before it was told of that.
      return { epoch, seq: connection.hasEnded ? inbox.channel.head : inbox.channel.enter(connection) };
    } catch (error) {
      if (!inbox.channel.started) inbox.starting = null;
      throw error;
    } finally {
      inbox.opening--;
      this.endIfUnused(userId, inbox);
    }
  }

  close(connection: InboxConnection): void {
    const userId = connection.identity?.userId;
    const inbox = userId === undefined ? undefined : this.inboxes.get(userId);
    if (userId === undefined || inbox === undefined) return;
    inbox.channel.remove(connection);
    this.endIfUnused(userId, inbox);
  }

  /** Users with an open inbox. */
  get count(): number {
    return this.inboxes.size;
  }

  /** Highest number that this user's connections have been handed; null while he has none here. */
  headOf(userId: string): number | null {
    const channel = this.inboxes.get(userId)?.channel;
    return channel?.started ? channel.head : null;
  }

  /** Hands a message that was stored here to the connections of the inbox's owner, in its turn; without any, there is none. */
  offer(userId: string, sent: Sent<InboxConnection, InboxMessage>): void {
    const inbox = this.inboxes.get(userId);
    if (inbox === undefined) return sent.placed(0);
    inbox.channel.offer(sent);
    this.repair(userId, inbox);
  }

  /** As `offer`, what another node has stored. */
  receive(userId: string, message: InboxMessage, placed: (handedTo: number) => void): void {
    const inbox = this.inboxes.get(userId);
    if (inbox === undefined) return placed(0);
    inbox.channel.receive([message], placed);
    this.repair(userId, inbox);
  }

  /** Calls `reached` once everything up to `seq` has been handed over: it is stored, and perhaps not heard of here. */
  reach(userId: string, seq: number, reached: () => void): void {
    const inbox = this.inboxes.get(userId);
    if (inbox === undefined) return reached();
    inbox.channel.expect(seq);
    inbox.channel.whenReached(seq, reached);
    this.repair(userId, inbox);
  }

  private begin(userId: string): OpenInbox {
    const channel = new DeliveryChannel<InboxConnection, InboxMessage>(INBOX);
    const inbox: OpenInbox = { channel, followed: this.feed.follow(userId), starting: null, opening: 0 };
    this.inboxes.set(userId, inbox);
    return inbox;
  }

  private async start({ userId, anonymous }: Identity, inbox: OpenInbox): Promise<void> {
    // First, so that what is stored after the head was read is told of here.
    if (this.feed.shared) await inbox.followed;
    // An anonymous id is new with its connection: nobody can have written to it yet.
    inbox.channel.start(anonymous ? 0 : await this.store.inboxHead(userId));
    this.repair(userId, inbox);
  }

  /** Who comes from another node may have seen more than this one has heard of. */
  private async catchUp(userId: string): Promise<void> {
    if (!this.feed.shared) return;
    const head = await this.store.inboxHead(userId);
    await new Promise<void>((resolve) => this.reach(userId, head, resolve));
  }

  private endIfUnused(userId: string, inbox: OpenInbox): void {
    if (inbox.channel.size > 0 || inbox.opening > 0 || this.inboxes.get(userId) !== inbox) return;
    this.inboxes.delete(userId);
    this.feed.unfollow(userId);
    // Senders may wait for their turn in it.
    inbox.channel.close();
  }

  private repair(userId: string, { channel }: OpenInbox): void {
    if (!channel.isBehind) return;
    this.repairs.look({
      channel,
      subject: { userId },
      isOpen: () => this.inboxes.get(userId)?.channel === channel,
      underWay: () => this.underWay.now(inboxLogId(userId), this.config.limits.commandTimeoutMs),
      read: async (after, limit) => {
        const { seq, messages } = await this.store.readInbox(userId, { after, before: after + limit + 1, limit });
        return { head: seq, messages };
      },
    });
  }

  private *heads(): Generator<KnownHead> {
    for (const [userId, { channel }] of this.inboxes) yield [userId, channel.head];
  }

  private async look(): Promise<void> {
    for (const [userId, seq] of await this.store.movedInboxHeads(this.heads())) {
      const inbox = this.inboxes.get(userId);
      if (inbox === undefined) continue;
      inbox.channel.expect(seq);
      this.repair(userId, inbox);
    }
  }
}
