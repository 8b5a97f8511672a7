import { Authenticated, CurrentUser, RequirePermissions } from '@hubbub/auth';
import { type ListedRoom, type Room, RoomId, Room as RoomSchema } from '@hubbub/protocol';
import { type Identity, SchemaPipe } from '@hubbub/transport';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Static } from 'typebox';
import { Documented } from './http-docs.js';
import { CreateRoomBody, RoomCreatedResponse, RoomListResponse, RoomsQuery, UpdateRoomBody } from './http-schemas.js';
import { RoomLifecycle } from './lifecycle.service.js';
import { RoomListing } from './listing.service.js';
import { RoomMembers } from './members.service.js';
import { QueryPipe } from './query.pipe.js';
import { newRoomOf, patchOf, wireRoom } from './room-info.js';

interface HeaderReply {
  header(name: string, value: string): unknown;
}

const id = () => Param('id', new SchemaPipe(RoomId));

/** Rooms over HTTP (PROTOCOL §10). */
@ApiTags('rooms')
@Controller('api/rooms')
export class RoomsController {
  constructor(
    private readonly lifecycle: RoomLifecycle,
    private readonly listing: RoomListing,
    private readonly members: RoomMembers,
  ) {}

  @Get()
  @RequirePermissions('read:message')
  @Documented({
    summary: 'Rooms that the caller may see, in the order of their ids; `Link` names the next page',
    query: RoomsQuery,
    response: RoomListResponse,
  })
  async list(
    @Query(new QueryPipe(RoomsQuery)) query: Static<typeof RoomsQuery>,
    @CurrentUser() caller: Identity,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<ListedRoom[]> {
    const { rooms, nextCursor } = await this.listing.list(query, caller);
    if (nextCursor !== undefined) reply.header('Link', nextPage(query, nextCursor));
    return rooms;
  }

  @Post()
  @RequirePermissions('create:room')
  @Documented({
    summary: 'Make a room',
    body: CreateRoomBody,
    status: 201,
    response: RoomCreatedResponse,
    errors: { 409: 'There is one with this id, or the caller owns too many' },
  })
  async create(
    @Body(new SchemaPipe(CreateRoomBody)) body: Static<typeof CreateRoomBody>,
    @CurrentUser() caller: Identity,
  ): Promise<RoomCreatedResponse> {
    const room = await this.lifecycle.create(newRoomOf(body.id, body), caller);
    return { status: 'room created', room: wireRoom(room, 0) };
  }

  @Get(':id')
  @RequirePermissions('read:message')
  @Documented({ summary: 'One room', response: RoomSchema, errors: { 404: 'There is no such room' } })
  get(@id() roomId: string, @CurrentUser() caller: Identity): Promise<ListedRoom> {
    return this.listing.get(roomId, caller);
  }

  @Patch(':id')
  @Authenticated()
  @Documented({
    summary: 'Change a room; for its owner',
    body: UpdateRoomBody,
    response: RoomSchema,
    errors: { 403: 'Not the owner', 404: 'There is no such room' },
  })
  async update(
    @id() roomId: string,
    @Body(new SchemaPipe(UpdateRoomBody)) body: Static<typeof UpdateRoomBody>,
    @CurrentUser() caller: Identity,
  ): Promise<Room> {
    const room = await this.lifecycle.update(roomId, patchOf(body), caller);
    return wireRoom(room, await this.members.count(roomId));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissions('delete:room')
  @Documented({
    summary: 'Delete a room with its messages; for its owner',
    status: 204,
    errors: { 404: 'There is no such room' },
  })
  remove(@id() roomId: string, @CurrentUser() caller: Identity): Promise<void> {
    return this.lifecycle.remove(roomId, caller);
  }
}

function nextPage({ limit, prefix }: Static<typeof RoomsQuery>, cursor: string): string {
  const query = new URLSearchParams({ cursor });
  if (limit !== undefined) query.set('limit', String(limit));
  if (prefix !== undefined) query.set('prefix', prefix);
  return `</api/rooms?${query.toString()}>; rel="next"`;
}
