import { RequirePermissions } from '@hubbub/auth';
import { COMMANDS, type CommandData, HubbubError } from '@hubbub/protocol';
import { type Connection, CurrentConnection, Replies, SchemaPipe } from '@hubbub/transport';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { TapStream } from './tap-stream.js';
import { Taps } from './taps.service.js';

/** What operators see live. */
@WebSocketGateway()
export class TapGateway {
  constructor(private readonly taps: Taps) {}

  @RequirePermissions('admin:system')
  @SubscribeMessage('tap')
  @Replies(COMMANDS.tap.replyData, { stream: true })
  tap(
    @MessageBody(new SchemaPipe(COMMANDS.tap.data)) data: CommandData<'tap'>,
    @CurrentConnection() connection: Connection,
  ): Promise<TapStream> {
    const { room_id: roomId, user_id: userId, sample = 1, content = false } = data;
    if ((roomId === undefined) === (userId === undefined)) {
      const message = 'exactly one of room_id and user_id is needed';
      throw new HubbubError('InvalidFormat', { details: [{ path: '/room_id', message }] });
    }
    return this.taps.open({ roomId, userId, sample, content }, connection);
  }
}
