import { COMMANDS, type CommandData, type ReplyData } from '@hubbub/protocol';
import { AllowUnidentified, type Connection, SchemaPipe, Sessions } from '@hubbub/transport';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** `authenticate`: identifies a connection that came without a token, or gives it a newer token of the same user. */
@WebSocketGateway()
export class AuthenticateGateway {
  constructor(private readonly sessions: Sessions) {}

  /** A failure changes nothing: the connection stays who it was, and its deadline runs on. */
  @SubscribeMessage('authenticate')
  @AllowUnidentified()
  authenticate(
    @ConnectedSocket() connection: Connection,
    @MessageBody(new SchemaPipe(COMMANDS.authenticate.data)) { token }: CommandData<'authenticate'>,
  ): Promise<ReplyData<'authenticate'>> {
    return this.sessions.authenticate(connection, token);
  }
}
