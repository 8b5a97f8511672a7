import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { type Connection, type Identity, Inboxes, type InboxStand } from '@hubbub/transport';
import { Injectable, Logger } from '@nestjs/common';
import { InboxChannel } from './inbox-channel.js';
import { MessageStore } from './message-store.js';
import type { InboxMessage } from './messages.js';

/** What inboxes need of a connection. */
export type InboxConnection = Pick<Connection, 'identity' | 'hasEnded' | 'send'>;

interface OpenInbox {
  readonly channel: InboxChannel<InboxConnection>;
  /** Resolves once the channel has started; null after a failure: the next connection tries again. */
  starting: Promise<void> | null;
  /** Connections that wait for it. */
  opening: number;
  repairing: boolean;
}

/** Messages read at once where the channel misses some. */
const REPAIR_AT_ONCE = 500;

/** The inboxes of the users who are connected here. */
@Injectable()
export class InboxesService extends Inboxes {
  private readonly logger = new Logger('Inboxes');
  private readonly inboxes = new Map<string, OpenInbox>();

  constructor(
    private readonly store: MessageStore,
    private readonly metrics: Metrics,
    private readonly config: HubbubConfig,
  ) {
    super();
  }

  async open(connection: InboxConnection): Promise<InboxStand> {
    const { identity } = connection;
    if (identity === null) return { epoch: '', seq: 0 };
    const { userId } = identity;
    const inbox = this.inboxes.get(userId) ?? this.begin(userId);
    inbox.opening++;
    try {
      inbox.starting ??= this.start(identity, inbox);
      await inbox.starting;
      const epoch = await this.store.inboxEpoch();
      // From here on nothing is awaited: what is offered next is above the head that is returned.
      return { epoch, seq: connection.hasEnded ? inbox.channel.head : inbox.channel.join(connection) };
    } catch (error) {
      inbox.starting = null;
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
    inbox.channel.leave(connection);
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

  /**
   * Hands a stored message to the connections of the inbox's owner, in its turn.
   * @param sender connection that is told by its reply instead
   * @param done called in the turn of the message with the number of connections handed to; at once if it has none
   */
  deliver(
    userId: string,
    message: InboxMessage,
    sender: InboxConnection | null,
    done: (handedTo: number) => void,
  ): void {
    const inbox = this.inboxes.get(userId);
    if (inbox === undefined) return done(0);
    inbox.channel.offer(message, sender, done);
    if (inbox.channel.hole() !== null) void this.repair(userId, inbox);
  }

  private begin(userId: string): OpenInbox {
    const inbox: OpenInbox = { channel: new InboxChannel(), starting: null, opening: 0, repairing: false };
    this.inboxes.set(userId, inbox);
    return inbox;
  }

  private async start({ userId, anonymous }: Identity, { channel }: OpenInbox): Promise<void> {
    // An anonymous id is new with its connection: nobody can have written to it yet.
    channel.start(anonymous ? 0 : await this.store.inboxHead(userId));
  }

  private endIfUnused(userId: string, inbox: OpenInbox): void {
    if (inbox.channel.size === 0 && inbox.opening === 0 && this.inboxes.get(userId) === inbox) {
      this.inboxes.delete(userId);
    }
  }

  /** Reads what the channel misses: stored, but its commit was reported as failed, or by another node. */
  private async repair(userId: string, inbox: OpenInbox): Promise<void> {
    if (inbox.repairing) return;
    inbox.repairing = true;
    try {
      for (let hole = inbox.channel.hole(); hole !== null; hole = inbox.channel.hole()) {
        this.metrics.repairs.inc();
        const range = { after: hole.after, before: hole.upTo + 1, limit: REPAIR_AT_ONCE };
        const { messages, hasMore } = await this.store.readInbox(userId, range);
        for (const message of messages) {
          inbox.channel.skip(message.seq - 1);
          inbox.channel.offer(message);
        }
        if (!hasMore) inbox.channel.skip(hole.upTo);
      }
    } catch (error) {
      this.logger.warn({ msg: 'hole in an inbox not filled, trying again', err: error });
      setTimeout(() => this.repairAgain(userId, inbox), this.config.cluster.repairMs).unref();
    } finally {
      inbox.repairing = false;
    }
  }

  private repairAgain(userId: string, inbox: OpenInbox): void {
    if (this.inboxes.get(userId) === inbox) void this.repair(userId, inbox);
  }
}
