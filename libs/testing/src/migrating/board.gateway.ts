import { type Connection, CurrentConnection, type CurrentRoom, Push, Room, Rooms, SchemaPipe } from '@hubbub/hubbub';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import Type, { type Static } from 'typebox';

const Line = Type.Object({ room_id: Type.String(), from: Type.Number(), to: Type.Number() });

@WebSocketGateway()
export class BoardGateway {
  constructor(private readonly rooms: Rooms) {}

  @SubscribeMessage('draw') // socket.on('draw', (line, ack) => {
  draw(
    @MessageBody(new SchemaPipe(Line)) line: Static<typeof Line>,
    @Room() room: CurrentRoom,
    @CurrentConnection() connection: Connection,
  ) {
    const push = new Push('draw', JSON.stringify(line));
    this.rooms.broadcast(room.id, push, { except: connection }); // socket.to(room).emit('draw', line)
    return { length: line.to - line.from }; // ack({ length })
  }
}
