import { HubbubConfig } from '@hubbub/config';
import { MessageLog } from '@hubbub/messages';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import type { Connection } from '@hubbub/transport';
import { Injectable, Logger } from '@nestjs/common';
import { RoomChannel } from './room-channel.js';
import { RoomDirectory } from './room-directory.js';
import type { RoomInfo } from './room-info.js';

/** Messages read at once to fill a hole. */
const REPAIR_PAGE = 200;

interface OpenChannel {
  readonly channel: RoomChannel<Connection>;
  /** Resolved when the channel knows where its log stands. */
  readonly ready: Promise<void>;
  /** Joins and seats that need it. */
  users: number;
  repairing: boolean;
}

/** The channels of the rooms that somebody on this node is in, or about to be. */
@Injectable()
export class RoomChannels {
  private readonly logger = new Logger(RoomChannels.name);
  private readonly channels = new Map<string, OpenChannel>();

  constructor(
    private readonly log: MessageLog,
    private readonly rooms: RoomDirectory,
    private readonly config: HubbubConfig,
    private readonly metrics: Metrics,
  ) {}

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
      const channel = new RoomChannel<Connection>(room.epoch);
      // In the map before the log is read: a message stored meanwhile is offered to the channel, and waits there.
      entry = { channel, ready: this.start(room.id, channel), users: 0, repairing: false };
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
    channel.close();
  }

  /** Closes the channel of a room that was deleted, whoever uses it. */
  drop(roomId: string): void {
    const entry = this.channels.get(roomId);
    this.channels.delete(roomId);
    entry?.channel.close();
  }

  /** Reads from the log what a channel has not got, if it lacks anything. */
  repair(roomId: string): void {
    const entry = this.channels.get(roomId);
    if (entry === undefined || entry.repairing || entry.channel.hole === null) return;
    entry.repairing = true;
    this.metrics.repairs.inc();
    this.fill(roomId, entry.channel).then(
      () => {
        entry.repairing = false;
      },
      (error: unknown) => {
        entry.repairing = false;
        this.logger.warn({ msg: 'hole in a room not filled, trying again', roomId, err: error });
        setTimeout(() => this.repair(roomId), this.config.cluster.repairMs).unref();
      },
    );
  }

  private async start(roomId: string, channel: RoomChannel<Connection>): Promise<void> {
    const head = await this.log.head(roomId);
    // Deleted and made again since the room was looked up.
    if (head.epoch !== channel.epoch) throw new HubbubError('RoomNotFound');
    channel.start(head.seq);
    this.repair(roomId);
  }

  private async fill(roomId: string, channel: RoomChannel<Connection>): Promise<void> {
    for (let { hole } = channel; hole !== null && this.get(roomId) === channel; { hole } = channel) {
      const limit = Math.min(REPAIR_PAGE, hole.upTo - hole.after);
      const { epoch, messages } = await this.log.history(roomId, { after: hole.after, limit });
      if (epoch !== channel.epoch) return;
      const first = messages[0]?.seq ?? hole.upTo + 1;
      // Pruned before anybody here got it: those who need it come back with `since` and are told.
      if (first > hole.after + 1) channel.skip(Math.min(first - 1, hole.upTo));
      channel.refill(messages);
    }
  }
}
