import { Bus } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { HeadPolling, HoleRepairs, type KnownHead, MessageLog, UnderWay } from '@hubbub/messages';
import { HubbubError } from '@hubbub/protocol';
import type { Connection } from '@hubbub/transport';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RoomChannel } from './room-channel.js';
import { RoomDirectory } from './room-directory.js';
import { RoomFeed } from './room-feed.js';
import type { RoomInfo } from './room-info.js';

interface OpenChannel {
  readonly channel: RoomChannel<Connection>;
  /** Resolved when the channel knows where its log stands. */
  readonly ready: Promise<void>;
  /** Joins and seats that need it. */
  users: number;
}

/** The channels of the rooms that somebody on this node is in, or about to be. */
@Injectable()
export class RoomChannels implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly channels = new Map<string, OpenChannel>();
  private readonly polling: HeadPolling;

  constructor(
    private readonly log: MessageLog,
    private readonly rooms: RoomDirectory,
    private readonly repairs: HoleRepairs,
    private readonly underWay: UnderWay,
    private readonly feed: RoomFeed,
    private readonly bus: Bus,
    private readonly config: HubbubConfig,
  ) {
    this.polling = new HeadPolling({
      everyMs: () => config.cluster.repairMs,
      look: () => this.look(),
      logger: new Logger(RoomChannels.name),
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

  get size(): number {
    return this.channels.size;
  }

  get(roomId: string): RoomChannel<Connection> | undefined {
    return this.channels.get(roomId)?.channel;
  }

  /**
   * The channel of a room, made and started if need be. Pair each call with `release`. Call it inside
   * `RoomDirectory.with`, so that `room` is what the room is now.
   * @throws HubbubError RoomNotFound, ServerError; then there is nothing to release
   */
  async open(room: RoomInfo): Promise<RoomChannel<Connection>> {
    let entry = this.channels.get(room.id);
    if (entry === undefined) {
      const channel = new RoomChannel<Connection>(room.epoch, this.keeper());
      // In the map before the log is read: a message stored meanwhile is offered to the channel, and waits there.
      entry = { channel, ready: this.start(room.id, channel), users: 0 };
      this.channels.set(room.id, entry);
      this.rooms.hold(room);
    }
    entry.users++;
    try {
      await entry.ready;
    } catch (error) {
      this.release(room.id, entry.channel);
      throw error;
    }
    return entry.channel;
  }

  /** One use more of a channel that is open. */
  retain(roomId: string): void {
    const entry = this.channels.get(roomId);
    if (entry) entry.users++;
  }

  /** Ends one use; the last one closes the channel. Nothing if `channel` is not the open one any more. */
  release(roomId: string, channel: RoomChannel<Connection>): void {
    const entry = this.channels.get(roomId);
    if (entry?.channel !== channel || --entry.users > 0) return;
    this.channels.delete(roomId);
    this.rooms.release(roomId);
    this.end(roomId, channel);
  }

  /** Closes the channel of a room that was deleted, whoever uses it. */
  drop(roomId: string): void {
    const entry = this.channels.get(roomId);
    if (entry === undefined) return;
    this.channels.delete(roomId);
    this.end(roomId, entry.channel);
  }

  /** Fills what a channel lacks, if it lacks anything. */
  repair(roomId: string): void {
    const channel = this.get(roomId);
    if (!channel?.isBehind) return;
    this.repairs.look({
      channel,
      subject: { roomId },
      isOpen: () => this.get(roomId) === channel,
      underWay: () => this.underWay.now(roomId, this.config.limits.commandTimeoutMs),
      read: async (after, limit) => {
        const range = await this.log.missing(roomId, after, limit);
        // Deleted, and perhaps made again: whoever learns of that closes the channel.
        return range?.head.epoch === channel.epoch ? { head: range.head.seq, messages: range.messages } : null;
      },
    });
  }

  /**
   * Resolves once a channel is up to `seq`, or as far as the log goes: who comes from another node may have seen more than
   * this one has heard of.
   * @throws HubbubError RoomNotFound, ServerError
   */
  async reach(roomId: string, channel: RoomChannel<Connection>, seq: number): Promise<void> {
    if (!this.feed.shared || seq <= channel.head) return;
    const head = await this.log.head(roomId);
    if (head.epoch !== channel.epoch) return;
    channel.expect(head.seq);
    this.repair(roomId);
    await new Promise<void>((resolve) => channel.whenReached(Math.min(seq, head.seq), resolve));
  }

  /** The content of a message was erased, here or at another node: what this one holds of it goes too. */
  redacted(roomId: string, seq: number): void {
    this.log.redacted(roomId, seq);
    this.get(roomId)?.redact(seq);
    this.repair(roomId);
  }

  private keeper() {
    return this.feed.shared ? this.log.arrived.bind(this.log) : undefined;
  }

  private async start(roomId: string, channel: RoomChannel<Connection>): Promise<void> {
    if (this.feed.shared) {
      // First, so that what is stored after the head was read is told of here.
      await this.feed.follow(roomId);
      if (this.get(roomId) !== channel) throw new HubbubError('RoomNotFound');
      this.log.follow(roomId);
    }
    const head = await this.log.head(roomId);
    // Deleted and made again since the room was looked up.
    if (head.epoch !== channel.epoch) throw new HubbubError('RoomNotFound');
    channel.start(head.seq);
    this.repair(roomId);
  }

  private end(roomId: string, channel: RoomChannel<Connection>): void {
    channel.close();
    if (!this.feed.shared) return;
    this.feed.unfollow(roomId);
    this.log.unfollow(roomId);
  }

  private *heads(): Generator<KnownHead> {
    for (const [roomId, { channel }] of this.channels) yield [roomId, channel.head];
  }

  private async look(): Promise<void> {
    for (const [roomId, { epoch, seq }] of await this.log.movedHeads(this.heads())) {
      const channel = this.get(roomId);
      if (channel?.epoch !== epoch) continue;
      channel.expect(seq);
      this.repair(roomId);
    }
  }
}
