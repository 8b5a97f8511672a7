import { Authenticated, CurrentUser } from '@hubbub/auth';
import { COMMANDS, type CommandData, type ReplyData } from '@hubbub/protocol';
import { type Identity, SchemaPipe } from '@hubbub/transport';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { RoomModeration } from './moderation.service.js';

/** Commands about other people's place and words in a room. Roles decide, so no permission is asked for. */
@Authenticated()
@WebSocketGateway()
export class ModerationGateway {
  constructor(private readonly moderation: RoomModeration) {}

  @SubscribeMessage('set_member')
  async setMember(
    @MessageBody(new SchemaPipe(COMMANDS.set_member.data)) data: CommandData<'set_member'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'set_member'>> {
    const { room_id, user_id, role, reason } = data;
    const because = reason === undefined ? {} : { reason };
    await this.moderation.setMember(room_id, { userId: user_id, role, ...because }, caller);
    return { room_id, user_id, role, ...because };
  }

  @SubscribeMessage('kick_member')
  async kick(
    @MessageBody(new SchemaPipe(COMMANDS.kick_member.data)) data: CommandData<'kick_member'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'kick_member'>> {
    const { room_id, user_id, reason } = data;
    const because = reason === undefined ? {} : { reason };
    await this.moderation.kick(room_id, { userId: user_id, ...because }, caller);
    return { room_id, user_id, ...because };
  }

  @SubscribeMessage('redact_message')
  async redact(
    @MessageBody(new SchemaPipe(COMMANDS.redact_message.data)) data: CommandData<'redact_message'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'redact_message'>> {
    const { room_id, seq } = data;
    await this.moderation.redact(room_id, seq, caller);
    return { room_id, seq };
  }
}
