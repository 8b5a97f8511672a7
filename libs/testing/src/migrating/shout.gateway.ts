import { type Connection, Push } from '@hubbub/hubbub';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';

@WebSocketGateway()
export class ShoutGateway implements OnGatewayConnection, OnGatewayDisconnect {
  private readonly present = new Set<Connection>();

  handleConnection(client: Connection) {
    this.present.add(client);
  }

  handleDisconnect(client: Connection) {
    this.present.delete(client);
  }

  @SubscribeMessage('shout')
  shout(@ConnectedSocket() client: Connection, @MessageBody('text') text: unknown) {
    if (typeof text !== 'string') throw new WsException('Say something.');
    const push = new Push('heard', JSON.stringify({ text })); // was: JSON.stringify({ event: 'heard', data: { text } })
    for (const other of this.present) if (other !== client) other.send(push);
    return { event: 'shouted', data: { to: this.present.size - 1 } };
  }
}
