import { randomUUID } from 'node:crypto';
import { CommandSignal, type CurrentRoom, Replies, RequirePermissions, Room, Rooms, SchemaPipe } from '@hubbub/hubbub';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import Type, { type Static } from 'typebox';

/** Whatever makes the text: gives each token as it comes, and throws when `signal` is aborted. */
export abstract class Assistant {
  abstract complete(prompt: string, signal: AbortSignal): AsyncIterable<string>;
}

const Ask = Type.Object({ room_id: Type.String(), prompt: Type.String({ minLength: 1, maxLength: 4000 }) });
const ASSISTANT = { senderId: 'assistant', senderName: 'Assistant' };

@WebSocketGateway()
export class AssistantGateway {
  constructor(
    private readonly rooms: Rooms,
    private readonly assistant: Assistant,
  ) {}

  @SubscribeMessage('ask_assistant')
  @RequirePermissions('send:message')
  @Replies(Type.Object({ answer_id: Type.String() }), { stream: true })
  async *ask(
    @MessageBody(new SchemaPipe(Ask)) { prompt }: Static<typeof Ask>,
    @Room() room: CurrentRoom,
    @CommandSignal() signal: AbortSignal,
  ) {
    const answer_id = randomUUID();
    yield { answer_id };
    let text = '';
    let complete = false;
    try {
      for await (const token of this.assistant.complete(prompt, signal)) {
        const content = { answer_id, at: text.length, token };
        text += token;
        await this.rooms.publish(room.id, { ...ASSISTANT, content, ephemeral: true });
      }
      complete = true;
    } finally {
      // Also when it was cancelled, or the model has failed: what was read should not vanish from the room.
      const content = { answer_id, text, complete };
      await this.rooms.publish(room.id, { ...ASSISTANT, content, idempotencyKey: answer_id });
    }
  }
}
