import {
  type Caller,
  newRoomOf,
  patchOf,
  RoomHistory,
  RoomLifecycle,
  RoomListing,
  RoomMembers,
  RoomModeration,
  RoomPlacement,
  wireRoom,
} from '@hubbub/rooms';
import type { Identity } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ServiceCommands, type ServiceHandlers } from './service-commands.js';

const DEFAULT_LIMIT = 50;

/** What services ask about rooms: each command by the rules of the client's command of that name. */
@Injectable()
export class RoomCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly lifecycle: RoomLifecycle,
    private readonly listing: RoomListing,
    private readonly members: RoomMembers,
    private readonly history: RoomHistory,
    private readonly moderation: RoomModeration,
    private readonly placement: RoomPlacement,
  ) {}

  onModuleInit(): void {
    this.commands.handle(this.table);
  }

  private readonly table: ServiceHandlers = {
    create_room: async (data, { caller }) => {
      const room = await this.lifecycle.create(newRoomOf(data.room_id, data), ownerOf(caller));
      return { room: wireRoom(room, 0) };
    },
    get_room: async ({ room_id: roomId }, { caller }) => ({ room: await this.listing.get(roomId, caller) }),
    update_room: async (data, { caller }) => {
      const room = await this.lifecycle.update(data.room_id, patchOf(data), caller);
      return { room: wireRoom(room, await this.members.count(room.id)) };
    },
    delete_room: async ({ room_id }, { caller }) => {
      await this.lifecycle.remove(room_id, caller);
      return { room_id };
    },
    list_rooms: async (data, { caller }) => {
      const { rooms, nextCursor } = await this.listing.list(data, caller);
      return { rooms, ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
    },
    room_members: async ({ room_id, cursor, limit = DEFAULT_LIMIT }, { caller }) => {
      await this.history.requireReader(room_id, caller);
      const { members, nextCursor } = await this.members.page(room_id, { limit, cursor });
      const next = nextCursor === undefined ? {} : { next_cursor: nextCursor };
      return { room_id, members, member_count: await this.members.count(room_id), ...next };
    },
    set_member: async ({ room_id, user_id: userId, role, reason }, { caller }) => {
      await this.moderation.setMember(room_id, { userId, role, reason }, caller);
      return { room_id, user_id: userId, role, reason };
    },
    kick_member: async ({ room_id, user_id: userId, reason }, { caller }) => {
      await this.moderation.kick(room_id, { userId, reason }, caller);
      return { room_id, user_id: userId, reason };
    },
    redact_message: async ({ room_id, seq }, { caller }) => {
      await this.moderation.redact(room_id, seq, caller);
      return { room_id, seq };
    },
    join_user: async ({ room_id, user_id, history }) => {
      return { room_id, user_id, ...(await this.placement.join(room_id, user_id, { history })) };
    },
    leave_user: async ({ room_id, user_id }) => {
      return { room_id, user_id, ...(await this.placement.leave(room_id, user_id)) };
    },
  };
}

/** Rooms of who may do everything are nobody's: it makes as many as it needs, and acts as the owner of all of them anyway. */
function ownerOf(caller: Identity): Caller {
  return caller.permissions.has('admin:system') ? null : caller;
}
