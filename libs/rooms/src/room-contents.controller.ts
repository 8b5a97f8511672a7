import { Authenticated, CurrentUser, RequirePermissions } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError, MAX_NESTING, nestsDeeperThan, RoomId, rawMember, UserId } from '@hubbub/protocol';
import { type Identity, SchemaPipe } from '@hubbub/transport';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Static } from 'typebox';
import { RoomHistory } from './history.service.js';
import { Documented } from './http-docs.js';
import {
  HistoryQuery,
  MembersQuery,
  MembersResponse,
  MessagesResponse,
  PostedResponse,
  PostMessageBody,
  RolesResponse,
} from './http-schemas.js';
import { RoomMembers } from './members.service.js';
import { RoomModeration } from './moderation.service.js';
import { RoomPosting } from './posting.service.js';
import { QueryPipe } from './query.pipe.js';

interface RawRequest {
  /** The body as it came, in applications made with `rawBody`. */
  readonly rawBody?: Buffer;
}

const DEFAULT_LIMIT = 50;
const MOST_ROLES = 200;
const id = () => Param('id', new SchemaPipe(RoomId));

/** What is in rooms, over HTTP: messages and members (PROTOCOL §10). */
@ApiTags('rooms')
@Controller('api/rooms/:id')
export class RoomContentsController {
  constructor(
    private readonly history: RoomHistory,
    private readonly posting: RoomPosting,
    private readonly members: RoomMembers,
    private readonly moderation: RoomModeration,
    private readonly config: HubbubConfig,
  ) {}

  /** Answers text that is JSON already, so that contents keep every character. */
  @Get('messages')
  @Header('Content-Type', 'application/json; charset=utf-8')
  @RequirePermissions('read:message')
  @Documented({ summary: 'A page of history, oldest first', query: HistoryQuery, response: MessagesResponse })
  async messages(
    @id() roomId: string,
    @Query(new QueryPipe(HistoryQuery)) query: Static<typeof HistoryQuery>,
    @CurrentUser() caller: Identity,
  ): Promise<string> {
    return `{${await this.history.page(roomId, query, caller)}}`;
  }

  @Post('messages')
  @RequirePermissions('send:message')
  @Documented({
    summary: 'Post to a room without being in it',
    body: PostMessageBody,
    status: 201,
    response: PostedResponse,
    errors: { 404: 'There is no such room', 503: 'Nothing was stored' },
  })
  async post(
    @id() roomId: string,
    @Body(new SchemaPipe(PostMessageBody)) body: Static<typeof PostMessageBody>,
    @CurrentUser() caller: Identity,
    @Req() request: RawRequest,
  ): Promise<PostedResponse> {
    const { idempotency_key: idempotencyKey, ephemeral } = body;
    const contentJson = contentOf(body, request);
    if (Buffer.byteLength(contentJson) > this.config.limits.maxMessageBytes) throw new HubbubError('MessageTooLarge');
    const sender = { senderId: caller.userId, senderName: caller.username };
    const posted = await this.posting.fromOutside(
      roomId,
      { ...sender, contentJson, idempotencyKey, ephemeral },
      caller,
    );
    const { seq, epoch, timestamp, duplicate } = posted;
    return { ...(seq === undefined ? {} : { seq }), epoch, timestamp, ...(duplicate ? { duplicate } : {}) };
  }

  @Get('members')
  @RequirePermissions('read:message')
  @Documented({ summary: 'Who is in the room', query: MembersQuery, response: MembersResponse })
  async list(
    @id() roomId: string,
    @Query(new QueryPipe(MembersQuery)) { cursor, limit = DEFAULT_LIMIT }: Static<typeof MembersQuery>,
    @CurrentUser() caller: Identity,
  ): Promise<MembersResponse> {
    await this.history.requireReader(roomId, caller);
    const { members, count, nextCursor } = await this.members.page(roomId, { limit, cursor });
    return {
      members,
      member_count: count,
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    };
  }

  @Get('roles')
  @RequirePermissions('read:message')
  @Documented({
    summary: "Roles in the room: the caller's own, and what he may know of others",
    response: RolesResponse,
  })
  async roles(@id() roomId: string, @CurrentUser() caller: Identity): Promise<RolesResponse> {
    const { own, given } = await this.moderation.roles(roomId, MOST_ROLES, caller);
    return { role: own, roles: given.map(({ userId, role }) => ({ user_id: userId, role })) };
  }

  @Delete('members/:user')
  @HttpCode(204)
  @Authenticated()
  @Documented({
    summary: 'Kick a member: ends all his connections in the room; he may come back',
    status: 204,
    errors: { 403: 'Not above him', 404: 'There is no such room', 409: 'He is not in the room' },
  })
  kick(
    @id() roomId: string,
    @Param('user', new SchemaPipe(UserId)) userId: string,
    @CurrentUser() caller: Identity,
  ): Promise<void> {
    return this.moderation.kick(roomId, { userId }, caller);
  }
}

/** The exact text of the content, where the application keeps bodies. */
function contentOf({ content }: Static<typeof PostMessageBody>, { rawBody }: RawRequest): string {
  const text = (rawBody && rawMember(rawBody.toString(), 'content')) ?? JSON.stringify(content);
  // As deep as a frame's, whose envelope takes two levels.
  if (!nestsDeeperThan(text, MAX_NESTING - 2)) return text;
  throw new HubbubError('InvalidFormat', { message: `The content nests deeper than ${MAX_NESTING - 2} levels.` });
}
