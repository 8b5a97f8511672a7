import { Control, NodeInfo } from '@hubbub/bus';
import { MessageLog } from '@hubbub/messages';
import type { GivenRole } from '@hubbub/protocol';
import { Connections, Push } from '@hubbub/transport';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { RoomMembers } from './members.service.js';
import { RoomMembership } from './membership.service.js';
import { RoomDirectory } from './room-directory.js';
import { type RoomInfo, wireRoom } from './room-info.js';

/** Something about a room that is stored by now. */
export type RoomChange =
  | { readonly kind: 'updated'; readonly room: RoomInfo }
  | { readonly kind: 'deleted'; readonly room: RoomInfo }
  | { readonly kind: 'member_set'; readonly room: RoomInfo; readonly act: MemberAct & { readonly role: GivenRole } }
  | { readonly kind: 'kicked'; readonly room: RoomInfo; readonly act: MemberAct }
  | { readonly kind: 'redacted'; readonly room: RoomInfo; readonly seq: number };

export interface MemberAct {
  readonly userId: string;
  readonly reason?: string;
}

const CONTROL = 'rooms.change';

/** Puts changes of rooms into effect: here in the turn in which the commit is known, on the other nodes after that. */
@Injectable()
export class RoomChanges implements OnModuleInit {
  private readonly logger = new Logger(RoomChanges.name);

  constructor(
    private readonly rooms: RoomDirectory,
    private readonly membership: RoomMembership,
    private readonly members: RoomMembers,
    private readonly connections: Connections,
    private readonly log: MessageLog,
    private readonly control: Control,
    private readonly node: NodeInfo,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ from, change }: { from: string; change: RoomChange }) => {
      if (from === this.node.nodeId) return;
      // What this node holds of the room's messages still has the content.
      if (change.kind === 'redacted') this.log.forget(change.room.id);
      this.apply(change);
    });
  }

  /** Resolves when the other nodes have confirmed, or cannot be reached. */
  async announce(change: RoomChange): Promise<void> {
    this.apply(change);
    try {
      const { unconfirmed } = await this.control.call(CONTROL, { from: this.node.nodeId, change });
      if (unconfirmed.length > 0)
        this.logger.warn({ msg: 'room change not confirmed', kind: change.kind, unconfirmed });
    } catch (error) {
      this.logger.warn({ msg: 'room change not told to other nodes', kind: change.kind, err: error });
    }
  }

  private apply(change: RoomChange): void {
    switch (change.kind) {
      case 'updated':
        return this.updated(change.room);
      case 'deleted':
        return this.deleted(change.room);
      case 'member_set':
        return this.memberSet(change.room, change.act);
      case 'kicked':
        return this.kicked(change.room, change.act);
      case 'redacted':
        return this.redacted(change.room, change.seq);
    }
  }

  private updated(room: RoomInfo): void {
    this.rooms.changed(room);
    const data = { room: wireRoom(room, this.members.count(room.id)) };
    this.membership.broadcast(room.id, Push.of('room_updated', data));
  }

  private deleted(room: RoomInfo): void {
    this.rooms.removed(room.id);
    this.log.forget(room.id);
    this.membership.broadcast(room.id, Push.of('room_deleted', { room_id: room.id }));
    this.membership.closeRoom(room);
  }

  private memberSet(room: RoomInfo, act: MemberAct & { readonly role: GivenRole }): void {
    this.rooms.roleChanged(room, act.userId, act.role);
    this.tell(room.id, act.userId, Push.of('member_set', { room_id: room.id, ...wireAct(act), role: act.role }));
    if (act.role === 'banned') this.membership.removeUser(room.id, act.userId);
  }

  private kicked(room: RoomInfo, act: MemberAct): void {
    this.tell(room.id, act.userId, Push.of('member_kicked', { room_id: room.id, ...wireAct(act) }));
    this.membership.removeUser(room.id, act.userId);
  }

  private redacted(room: RoomInfo, seq: number): void {
    this.membership.broadcast(room.id, Push.of('message_redacted', { room_id: room.id, seq }));
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
