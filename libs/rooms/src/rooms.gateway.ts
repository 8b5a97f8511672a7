import { Authenticated, CurrentUser, RequirePermissions } from '@hubbub/auth';
import { COMMANDS, type CommandData, type ReplyData } from '@hubbub/protocol';
import { type Identity, SchemaPipe } from '@hubbub/transport';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { RoomLifecycle } from './lifecycle.service.js';
import { RoomListing } from './listing.service.js';
import { RoomMembers } from './members.service.js';
import { newRoomOf, patchOf, wireRoom } from './room-info.js';

/** Commands about rooms themselves. */
@WebSocketGateway()
export class RoomsGateway {
  constructor(
    private readonly lifecycle: RoomLifecycle,
    private readonly listing: RoomListing,
    private readonly members: RoomMembers,
  ) {}

  @RequirePermissions('create:room')
  @SubscribeMessage('create_room')
  async create(
    @MessageBody(new SchemaPipe(COMMANDS.create_room.data)) data: CommandData<'create_room'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'create_room'>> {
    const room = await this.lifecycle.create(newRoomOf(data.room_id, data), caller);
    return { room: wireRoom(room, 0) };
  }

  @Authenticated()
  @SubscribeMessage('update_room')
  async update(
    @MessageBody(new SchemaPipe(COMMANDS.update_room.data)) data: CommandData<'update_room'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'update_room'>> {
    const room = await this.lifecycle.update(data.room_id, patchOf(data), caller);
    return { room: wireRoom(room, await this.members.count(room.id)) };
  }

  @RequirePermissions('delete:room')
  @SubscribeMessage('delete_room')
  async remove(
    @MessageBody(new SchemaPipe(COMMANDS.delete_room.data)) data: CommandData<'delete_room'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'delete_room'>> {
    await this.lifecycle.remove(data.room_id, caller);
    return { room_id: data.room_id };
  }

  @RequirePermissions('read:message')
  @SubscribeMessage('list_rooms')
  async list(
    @MessageBody(new SchemaPipe(COMMANDS.list_rooms.data)) data: CommandData<'list_rooms'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'list_rooms'>> {
    const { rooms, nextCursor } = await this.listing.list(data, caller);
    return { rooms, ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
  }
}
