import { Control, NodeInfo } from '@hubbub/bus';
import { MessageLog } from '@hubbub/messages';
import type { GivenRole } from '@hubbub/protocol';
import { Connections, Push } from '@hubbub/transport';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Attendance } from './attendance.js';
import { FollowedRooms } from './followed-rooms.js';
import { RoomMembers } from './members.service.js';
import { RoomMembership } from './membership.service.js';
import { RoomChannels } from './room-channels.js';
import { RoomDirectory } from './room-directory.js';
import { type RoomInfo, wireRoom } from './room-info.js';

/** Something about a room that is stored by now. */
export type RoomChange = {
  readonly room: RoomInfo;
  /** Its number among the changes of the room; 0 on a lone node. */
  readonly version: number;
} & (
  | { readonly kind: 'updated' | 'deleted' }
  | { readonly kind: 'member_set'; readonly act: MemberAct & { readonly role: GivenRole } }
  | { readonly kind: 'kicked'; readonly act: MemberAct }
  | { readonly kind: 'redacted'; readonly seq: number }
);

export interface MemberAct {
  readonly userId: string;
  readonly reason?: string;
}

const CONTROL = 'rooms.change';

/**
 * Puts changes of rooms into effect: here in the turn in which the commit is known, on the other nodes after that. They may
 * arrive there in another order than that of their numbers, or not at all: then the room is read anew.
 */
@Injectable()
export class RoomChanges implements OnModuleInit {
  private readonly logger = new Logger(RoomChanges.name);
  private applied: (change: RoomChange) => void = () => undefined;

  constructor(
    private readonly rooms: RoomDirectory,
    private readonly membership: RoomMembership,
    private readonly attendance: Attendance,
    private readonly members: RoomMembers,
    private readonly channels: RoomChannels,
    private readonly followed: FollowedRooms,
    private readonly connections: Connections,
    private readonly log: MessageLog,
    private readonly control: Control,
    private readonly node: NodeInfo,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ from, change }: { from: string; change: RoomChange }) => {
      if (from !== this.node.nodeId) this.apply(change);
    });
  }

  /** Calls `listener` with every change that is in effect here, once its pushes are on their way. */
  onApplied(listener: (change: RoomChange) => void): void {
    this.applied = listener;
  }

  /**
   * Resolves when the other nodes have confirmed, or cannot be reached; none answers with what was before any more.
   * @throws HubbubError ServerError: that is not sure
   */
  async announce(change: RoomChange): Promise<void> {
    this.apply(change);
    await Promise.all([this.tellNodes(change), this.acknowledged(change)]);
  }

  private async acknowledged(change: RoomChange): Promise<void> {
    const { kind, room } = change;
    if (kind === 'updated' || kind === 'deleted') await this.rooms.acknowledged(room);
    if (kind === 'member_set') await this.rooms.acknowledged(room, change.act.userId);
  }

  private async tellNodes(change: RoomChange): Promise<void> {
    try {
      const { unconfirmed } = await this.control.call(CONTROL, { from: this.node.nodeId, change });
      if (unconfirmed.length > 0)
        this.logger.warn({ msg: 'room change not confirmed', kind: change.kind, unconfirmed });
    } catch (error) {
      this.logger.warn({ msg: 'room change not told to other nodes', kind: change.kind, err: error });
    }
  }

  private apply(change: RoomChange): void {
    this.takeEffect(change);
    this.applied(change);
  }

  private takeEffect(change: RoomChange): void {
    switch (change.kind) {
      case 'updated':
        return this.updated(change.room, change.version);
      case 'deleted':
        return this.deleted(change.room);
      case 'member_set':
        return this.memberSet(change.room, change.version, change.act);
      case 'kicked':
        return this.kicked(change.room, change.version, change.act);
      case 'redacted':
        return this.redacted(change.room, change.version, change.seq);
    }
  }

  /** The room is that by now. @param version of the change, or of the state in which it was read */
  updated(room: RoomInfo, version: number): void {
    if (!this.rooms.changed(room, version)) return;
    const data = { room: wireRoom(room, this.members.countHere(room.id)) };
    this.membership.broadcast(room.id, Push.of('room_updated', data));
  }

  /** The room is no more. */
  deleted(room: RoomInfo): void {
    if (!this.rooms.removed(room)) return;
    this.log.forget(room.id);
    this.membership.broadcast(room.id, Push.of('room_deleted', { room_id: room.id }));
    this.membership.closeRoom(room);
  }

  /** The content of a message was erased. */
  redacted(room: RoomInfo, version: number, seq: number): void {
    if (this.isAnother(room)) return;
    this.channels.redacted(room.id, seq);
    // Where the room was read meanwhile, the members have been told.
    if (this.followed.isPast(room, version)) return;
    this.membership.broadcast(room.id, Push.of('message_redacted', { room_id: room.id, seq }));
  }

  /** The user was kicked or banned, and nobody knows why. */
  unseated(room: RoomInfo, userId: string): void {
    this.tellKicked(room, { userId });
    this.membership.removeUser(room.id, userId);
  }

  private memberSet(room: RoomInfo, version: number, act: MemberAct & { readonly role: GivenRole }): void {
    this.rooms.roleChanged(room.epoch, act.userId);
    if (this.isAnother(room)) return;
    this.tell(room.id, act.userId, Push.of('member_set', { room_id: room.id, ...wireAct(act), role: act.role }));
    if (act.role === 'banned') this.unseat(room, version, act.userId);
  }

  private kicked(room: RoomInfo, version: number, act: MemberAct): void {
    if (this.isAnother(room)) return;
    this.tellKicked(room, act);
    this.unseat(room, version, act.userId);
  }

  /** Deleted and made again: what comes late of the earlier one, or early of the later, is not about the one known here. */
  private isAnother({ id, epoch }: RoomInfo): boolean {
    const known = this.rooms.peek(id);
    return known !== undefined && known.epoch !== epoch;
  }

  /** Not one who has come back since. */
  private unseat(room: RoomInfo, version: number, userId: string): void {
    if (this.attendance.removed(room.id, userId, version)) this.membership.removeUser(room.id, userId);
  }

  private tellKicked(room: RoomInfo, act: MemberAct): void {
    this.tell(room.id, act.userId, Push.of('member_kicked', { room_id: room.id, ...wireAct(act) }));
  }

  /** To the members, and to those connections of the user whom it concerns that are not in the room. */
  private tell(roomId: string, userId: string, push: Push): void {
    this.membership.broadcast(roomId, push);
    for (const connection of this.connections.ofUser(userId)) {
      if (!this.membership.has(roomId, connection)) connection.send(push);
    }
  }
}

function wireAct({ userId, reason }: MemberAct): { user_id: string; reason?: string } {
  return { user_id: userId, ...(reason === undefined ? {} : { reason }) };
}
