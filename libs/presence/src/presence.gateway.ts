import { Authenticated, CurrentUser } from '@hubbub/auth';
import { COMMANDS, type CommandData, type ReplyData } from '@hubbub/protocol';
import { Rooms } from '@hubbub/rooms';
import { Connection, type Identity, SchemaPipe } from '@hubbub/transport';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { OnlineService } from './online.service.js';
import { PresenceService } from './presence.service.js';

/** Commands about who is there. */
@WebSocketGateway()
export class PresenceGateway {
  constructor(
    private readonly presence: PresenceService,
    private readonly online: OnlineService,
    private readonly rooms: Rooms,
  ) {}

  @Authenticated()
  @SubscribeMessage('set_presence')
  async setPresence(
    @MessageBody(new SchemaPipe(COMMANDS.set_presence.data)) { room_id, state }: CommandData<'set_presence'>,
    @CurrentUser() { userId }: Identity,
  ): Promise<ReplyData<'set_presence'>> {
    // Only where it fails anyway: an absent room is told from one that the user is not in.
    if (room_id !== undefined && !(await this.rooms.isMember(room_id, userId))) await this.rooms.get(room_id);
    await this.presence.setState(userId, room_id, state);
    return room_id === undefined ? {} : { room_id };
  }

  @Authenticated()
  @SubscribeMessage('watch_online')
  watchOnline(
    @MessageBody(new SchemaPipe(COMMANDS.watch_online.data)) { enabled }: CommandData<'watch_online'>,
    @ConnectedSocket() connection: Connection,
  ): ReplyData<'watch_online'> {
    this.online.watch(connection, enabled);
    return { count: this.online.count };
  }
}
