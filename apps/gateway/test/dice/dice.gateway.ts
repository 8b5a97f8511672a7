import { type Connection, HubbubError, RequirePermissions, SchemaPipe } from '@hubbub/hubbub';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import Type, { type Static } from 'typebox';

const Roll = Type.Object({ sides: Type.Integer({ minimum: 2, maximum: 100 }), times: Type.Integer({ minimum: 1 }) });

/** What somebody else adds to Hubbub, in an application of his own. */
@WebSocketGateway()
export class DiceGateway {
  @SubscribeMessage('roll_dice')
  @RequirePermissions('roll:dice')
  async *roll(
    @MessageBody(new SchemaPipe(Roll)) { sides, times }: Static<typeof Roll>,
    @ConnectedSocket() { identity, signal }: Connection,
  ) {
    if (sides % 2 === 1) throw new HubbubError('Forbidden', { message: 'Odd dice are loaded.' });
    for (let n = 1; n <= times && !signal.aborted; n++) {
      await new Promise(setImmediate);
      yield { user_id: identity?.userId, n, value: 1 + Math.floor(Math.random() * sides) };
    }
  }
}
