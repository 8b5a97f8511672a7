import { setImmediate as nextTurn } from 'node:timers/promises';
import { HubbubConfig } from '@hubbub/config';
import { type LoggedMessage, type LogPosition, MessageLog } from '@hubbub/messages';
import { HubbubError, isHubbubError } from '@hubbub/protocol';
import type { Connection, Identity } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { requireAdmission } from './actor.js';
import { Attendance } from './attendance.js';
import { enforce } from './condition.js';
import { RoomLifecycle } from './lifecycle.service.js';
import { type Joining, RoomMembership } from './membership.service.js';
import { NOT_YET_IN } from './places.js';
import { RoomChanges } from './room-changes.js';
import type { RoomChannel } from './room-channel.js';
import { RoomChannels } from './room-channels.js';
import { RoomDirectory } from './room-directory.js';
import { RoomFollowing } from './room-following.service.js';
import type { RoomInfo } from './room-info.js';
import { RoomRules } from './room-rules.service.js';

export interface JoinOptions {
  /** Where the client was. */
  readonly since?: LogPosition;
  /** How many of the latest messages to tell when what was missed cannot be told whole. @default history.page */
  readonly history?: number;
}

/** What of the past a joining connection is told. */
interface Past {
  readonly recovered: boolean;
  /** Head − `since.seq`; 0 where that means nothing. */
  readonly missed: number;
  /** Oldest first. */
  readonly messages: readonly LoggedMessage[];
}

export interface Joined extends Past {
  readonly room: RoomInfo;
  /** Up to here `messages` covers everything the client is told of; what is above follows as pushes. */
  readonly seq: number;
}

/** Lets connections into rooms, with what they missed. */
@Injectable()
export class RoomJoins {
  private turn: Promise<void> | null = null;

  constructor(
    private readonly config: HubbubConfig,
    private readonly log: MessageLog,
    private readonly rooms: RoomDirectory,
    private readonly channels: RoomChannels,
    private readonly membership: RoomMembership,
    private readonly attendance: Attendance,
    private readonly following: RoomFollowing,
    private readonly changes: RoomChanges,
    private readonly lifecycle: RoomLifecycle,
    private readonly rules: RoomRules,
  ) {}

  /**
   * @param tell called in the turn in which the join is complete, before anything of the room is let through: between
   *   what it is given and the first push there is neither gap nor overlap. If it throws, the join is undone
   * @throws HubbubError AlreadyInRoom, RoomNotFound, Forbidden, TooManyRooms, RoomFull, ServerError; then `tell` was not
   *   called and the connection is not in the room
   */
  async join(
    connection: Connection,
    roomId: string,
    options: JoinOptions,
    tell: (joined: Joined) => void,
  ): Promise<void> {
    enforce(NOT_YET_IN, { isIn: this.membership.has(roomId, connection) });
    for (;;) {
      const joining = await this.sit(connection, roomId, options.since);
      const known = this.rooms.peek(roomId);
      try {
        await this.following.ready(roomId);
        // After that: of what was redacted before nobody is told any more.
        const past = await this.past(joining, options);
        // The router may not listen for the answer before this turn is over.
        await this.turnEnds();
        if (this.membership.isCurrent(joining)) {
          // What the members here know may be older than what he was let in by, unless they were told of it since.
          const now = this.rooms.peek(roomId);
          const room = now === undefined || now === known ? joining.room : now;
          tell({ ...past, room, seq: joining.head });
          return this.membership.admit(joining);
        }
      } catch (error) {
        this.membership.giveUp(joining);
        throw error;
      }
      // Kicked, banned or deleted in between: that came first, and the join finds what it left.
    }
  }

  /** Resolves once this turn is over: the same promise for all who join in it. */
  private turnEnds(): Promise<void> {
    this.turn ??= nextTurn().then(() => {
      this.turn = null;
    });
    return this.turn;
  }

  private async sit(connection: Connection, roomId: string, since: LogPosition | undefined): Promise<Joining> {
    for (;;) {
      const { identity } = connection;
      if (identity === null || !connection.isOpen) throw new HubbubError('NotInRoom');
      const channel = await this.open(identity, roomId);
      let joining: Joining | null = null;
      try {
        // He may come from a node that was quicker than this one.
        if (since?.epoch === channel.epoch) await this.channels.reach(roomId, channel, since.seq);
        joining = await this.onChannel(connection, roomId, channel);
      } finally {
        if (joining === null) this.channels.release(roomId, channel);
      }
      if (joining !== null) return joining;
    }
  }

  /** Takes the seat, which may take its time, and then sits down in one turn. @returns null if it is to begin anew */
  private async onChannel(connection: Connection, roomId: string, channel: RoomChannel<Connection>) {
    const identity = this.membership.requirePlace(roomId, connection);
    const { userId } = identity;
    const since = await this.takeSeat(identity, roomId, channel.epoch);
    if (since === null) return null;
    let joining: Joining | null = null;
    try {
      joining = await this.rooms.with(roomId, userId, (room, role) => {
        // Deleted meanwhile, and perhaps made again; or kicked.
        if (this.channels.get(roomId) !== channel || !this.attendance.holds(roomId, userId)) return null;
        requireAdmission(identity, room, role);
        return this.membership.sit(connection, room, channel, since);
      });
    } finally {
      if (joining === null) this.attendance.release(roomId, userId);
    }
    return joining;
  }

  /** @returns since when he is in the room; null if there is no such room any more */
  private async takeSeat({ userId, username, permissions }: Identity, roomId: string, epoch: string) {
    const admin = permissions.has('admin:room', roomId);
    try {
      return await this.rooms.with(roomId, userId, ({ maxClients }) =>
        this.attendance.take({ roomId, epoch, maxClients, userId, username, admin }),
      );
    } catch (error) {
      if (!isHubbubError(error)) throw error;
      // Of both this node was not told yet, and it is not to ask in vain again.
      if (error.name === 'Forbidden') this.rooms.roleChanged(epoch, userId);
      if (error.name !== 'RoomNotFound') throw error;
      const room = this.rooms.peek(roomId);
      if (room?.epoch === epoch) this.changes.deleted(room);
      return null;
    }
  }

  /** The channel of the room, for one who may join it; the room is made where its policy or the configuration says so. */
  private async open(identity: Identity, roomId: string) {
    for (;;) {
      try {
        return await this.rooms.with(roomId, identity.userId, (room, role) => {
          requireAdmission(identity, room, role);
          return this.channels.open(room);
        });
      } catch (error) {
        if (!isHubbubError(error) || error.name !== 'RoomNotFound' || !this.rules.createsOnJoin(roomId)) throw error;
        await this.createAbsent(identity, roomId);
      }
    }
  }

  private async createAbsent(identity: Identity, roomId: string): Promise<void> {
    if (!identity.permissions.has('create:room', roomId)) {
      throw new HubbubError('Forbidden', { details: { permission: 'create:room' } });
    }
    try {
      await this.lifecycle.create({ id: roomId }, identity);
    } catch (error) {
      if (!isHubbubError(error) || error.name !== 'RoomAlreadyExists') throw error;
    }
  }

  private async past({ room, head }: Joining, { since, history }: JoinOptions): Promise<Past> {
    if (room.history === 'none') return { recovered: false, missed: 0, messages: [] };
    const known = since !== undefined && since.epoch === room.epoch && since.seq <= head;
    const missed = known ? head - since.seq : 0;
    const recovered = known ? await this.log.recover(room.id, since, head) : null;
    if (recovered !== null) return { recovered: true, missed, messages: recovered };
    const limit = history ?? this.config.history.page;
    const messages = limit === 0 ? [] : (await this.log.history(room.id, { before: head + 1, limit })).messages;
    return { recovered: false, missed, messages };
  }
}
