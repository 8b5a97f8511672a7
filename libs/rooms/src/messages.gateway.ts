import { CurrentUser, RequirePermissions } from '@hubbub/auth';
import { ReadMarkers, UserPushes } from '@hubbub/messages';
import { COMMANDS, type CommandData, type Envelope, HubbubError, type ReplyData, rawMember } from '@hubbub/protocol';
import {
  Connection,
  CurrentEnvelope,
  type Deferred,
  type Identity,
  Pipelined,
  Push,
  RawJson,
  SchemaPipe,
} from '@hubbub/transport';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { RoomHistory } from './history.service.js';
import { type Posted, RoomPosting } from './posting.service.js';

/** Commands about the messages of rooms, and `mark_read`, which serves inboxes too. */
@WebSocketGateway()
export class MessagesGateway {
  constructor(
    private readonly posting: RoomPosting,
    private readonly history: RoomHistory,
    private readonly markers: ReadMarkers,
    private readonly pushes: UserPushes,
  ) {}

  @Pipelined()
  @RequirePermissions('send:message')
  @SubscribeMessage('room_message')
  post(
    @ConnectedSocket() connection: Connection,
    @MessageBody(new SchemaPipe(COMMANDS.room_message.data)) data: CommandData<'room_message'>,
    @CurrentUser() caller: Identity,
    @CurrentEnvelope() envelope: Envelope,
  ): Deferred<RawJson> {
    const contentJson = rawMember(envelope.source, 'data', 'content') ?? JSON.stringify(data.content);
    const { room_id: roomId, idempotency_key: idempotencyKey, ephemeral } = data;
    const { userId: senderId, username: senderName } = caller;
    const message = { senderId, senderName, contentJson, idempotencyKey, ephemeral };
    return this.posting.fromMember(roomId, message, connection).map((posted) => answerOf(roomId, posted));
  }

  @RequirePermissions('read:message')
  @SubscribeMessage('room_history')
  async read(
    @MessageBody(new SchemaPipe(COMMANDS.room_history.data)) data: CommandData<'room_history'>,
    @CurrentUser() caller: Identity,
  ): Promise<RawJson> {
    const { room_id: roomId, ...range } = data;
    const text = await this.history.page(roomId, range, caller);
    return new RawJson(`{"room_id":${JSON.stringify(roomId)},${text}}`);
  }

  @RequirePermissions('read:message')
  @SubscribeMessage('mark_read')
  async markRead(
    @ConnectedSocket() connection: Connection,
    @MessageBody(new SchemaPipe(COMMANDS.mark_read.data)) data: CommandData<'mark_read'>,
    @CurrentUser() caller: Identity,
  ): Promise<ReplyData<'mark_read'>> {
    const marked = await this.mark(data, caller);
    this.pushes.send(caller.userId, Push.of('marked_read', marked), connection);
    return marked;
  }

  private async mark(data: CommandData<'mark_read'>, caller: Identity): Promise<ReplyData<'mark_read'>> {
    const { room_id: roomId, peer_id: peerId, seq } = data;
    if (roomId !== undefined && peerId === undefined) {
      await this.history.requireReader(roomId, caller);
      return { room_id: roomId, ...(await this.markers.mark(caller.userId, { roomId }, seq)) };
    }
    if (peerId !== undefined && roomId === undefined) {
      return { peer_id: peerId, ...(await this.markers.mark(caller.userId, { peerId }, seq)) };
    }
    throw new HubbubError('InvalidFormat', {
      details: [{ path: '', message: 'must have either room_id or peer_id' }],
    });
  }
}

/** `data` of a `room_message_sent`: the answer to most commands of a busy node, so it is written as `encodeRoomMessage` does. */
function answerOf(roomId: string, { seq, epoch, timestamp, duplicate }: Posted): RawJson {
  return new RawJson(
    `{"room_id":"${roomId}"${seq === undefined ? '' : `,"seq":${seq}`},"epoch":"${epoch}"` +
      `,"timestamp":${timestamp}${duplicate ? ',"duplicate":true' : ''}}`,
  );
}
