import { CurrentUser, HubbubError, type Identity, Replies, RequirePermissions, SchemaPipe } from '@hubbub/hubbub';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import Type, { type Static } from 'typebox';

const Roll = Type.Object({ sides: Type.Integer({ minimum: 2, maximum: 100 }) });
const Rolled = Type.Object({ user_id: Type.String(), value: Type.Integer() });

@WebSocketGateway()
export class DiceGateway {
  @SubscribeMessage('roll_dice')
  @RequirePermissions('send:message')
  @Replies(Rolled)
  roll(
    @MessageBody(new SchemaPipe(Roll)) { sides }: Static<typeof Roll>,
    @CurrentUser() { userId }: Identity,
  ): Static<typeof Rolled> {
    if (sides === 13) throw new HubbubError('Forbidden');
    return { user_id: userId, value: 1 + Math.floor(Math.random() * sides) };
  }
}
