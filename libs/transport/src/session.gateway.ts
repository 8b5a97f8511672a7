import { COMMANDS, type CommandData, type ReplyData } from '@hubbub/protocol';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { CommandConnection } from './command-connection.js';
import { AllowUnidentified } from './decorators.js';
import { NoReply, RawJson } from './raw-json-reply.js';
import { SchemaPipe } from './schema.pipe.js';
import { Streams } from './streams.js';

/** Commands about the connection itself. */
@WebSocketGateway()
export class SessionGateway {
  constructor(private readonly streams: Streams) {}

  /** Two numbers, written here: JSON.stringify would take half a microsecond of a ping. */
  @AllowUnidentified()
  @SubscribeMessage('ping')
  ping(@MessageBody(new SchemaPipe(COMMANDS.ping.data)) { ts }: CommandData<'ping'>): RawJson {
    const now = Date.now();
    return new RawJson(ts === undefined ? `{"server_ts":${now}}` : `{"ts":${ts},"server_ts":${now}}`);
  }

  @AllowUnidentified()
  @SubscribeMessage('close')
  close(@ConnectedSocket() connection: CommandConnection): typeof NoReply {
    connection.close('Normal');
    return NoReply;
  }

  /** Also answered `cancelled` when no such stream runs: it may have ended while the command was on its way. */
  @SubscribeMessage('cancel')
  cancel(
    @ConnectedSocket() connection: CommandConnection,
    @MessageBody(new SchemaPipe(COMMANDS.cancel.data)) { request_id }: CommandData<'cancel'>,
  ): ReplyData<'cancel'> {
    this.streams.cancel(connection, request_id);
    return { request_id };
  }
}
