import { CurrentUser, RequirePermissions } from '@hubbub/auth';
import { COMMANDS, type CommandData, HubbubError, type ReplyData } from '@hubbub/protocol';
import { Connection, Deferred, type Identity, type RawJson, SchemaPipe } from '@hubbub/transport';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { requireAdmission } from './actor.js';
import { Attendance } from './attendance.js';
import { joinReply } from './join-reply.js';
import { type Joined, RoomJoins } from './joins.service.js';
import { RoomMembers } from './members.service.js';
import { RoomMembership } from './membership.service.js';
import { RoomDirectory } from './room-directory.js';

const DEFAULT_LIMIT = 50;

/** Commands about being in a room. */
@WebSocketGateway()
export class MembershipGateway {
  constructor(
    private readonly joins: RoomJoins,
    private readonly membership: RoomMembership,
    private readonly members: RoomMembers,
    private readonly rooms: RoomDirectory,
    private readonly attendance: Attendance,
  ) {}

  /** Answered by a Deferred, settled in the turn in which the room's pushes are let through: they follow the answer. */
  @RequirePermissions('join:room')
  @SubscribeMessage('join_room')
  join(
    @ConnectedSocket() connection: Connection,
    @MessageBody(new SchemaPipe(COMMANDS.join_room.data)) data: CommandData<'join_room'>,
  ): Deferred<RawJson> {
    const { room_id: roomId, since, history } = data;
    const answer = new Deferred<RawJson>();
    const userId = connection.identity?.userId;
    const tell = (joined: Joined) => {
      // Told Timeout: he comes again with the same `since`, and is not to find himself in a room that passed something by.
      if (answer.isAbandoned) throw new HubbubError('Timeout');
      answer.resolve(joinReply(joined, this.members, userId));
    };
    this.joins.join(connection, roomId, { since, history }, tell).catch((error: unknown) => answer.reject(error));
    return answer;
  }

  @RequirePermissions('leave:room')
  @SubscribeMessage('leave_room')
  async leave(
    @ConnectedSocket() connection: Connection,
    @MessageBody(new SchemaPipe(COMMANDS.leave_room.data)) { room_id: roomId }: CommandData<'leave_room'>,
  ): Promise<ReplyData<'leave_room'>> {
    // Only where it fails anyway: an absent room is told from one that the connection is not in.
    if (!this.membership.has(roomId, connection)) await this.rooms.get(roomId);
    const { identity } = connection;
    this.membership.leave(roomId, connection);
    // Whoever is told of it may come next, at another node.
    if (identity !== null) await this.attendance.freed(roomId, identity.userId);
    return { room_id: roomId, status: 'left' };
  }

  @RequirePermissions('read:message')
  @SubscribeMessage('room_members')
  async list(
    @MessageBody(new SchemaPipe(COMMANDS.room_members.data)) data: CommandData<'room_members'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'room_members'>> {
    const { room_id: roomId, cursor, limit = DEFAULT_LIMIT } = data;
    await this.rooms.with(roomId, caller.userId, (room, role) => requireAdmission(caller, room, role));
    const { members, count, nextCursor } = await this.members.page(roomId, { limit, cursor });
    return {
      room_id: roomId,
      members,
      member_count: count,
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    };
  }
}
