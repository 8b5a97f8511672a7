import { createParamDecorator } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Type as Transformed } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import Type, { type Static } from 'typebox';
import { contractOf, takesField } from './command-contract.js';
import { CommandTable } from './command-table.js';
import { Replies, Summary } from './decorators.js';
import { DtoPipe } from './dto.pipe.js';
import { SchemaPipe } from './schema.pipe.js';
import { RouterHarness } from './testing/router-harness.js';

const Roll = Type.Object({ sides: Type.Integer({ minimum: 2 }) });
const Rolled = Type.Object({ value: Type.Integer() });

class Die {
  @IsInt()
  @Min(2)
  @Max(100)
  sides!: number;
}

class Throw {
  @IsString()
  room_id!: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @ArrayMaxSize(5)
  @Transformed(() => Die)
  dice?: Die[];
}

const Bare = createParamDecorator(() => undefined);

@WebSocketGateway()
class Dice {
  @SubscribeMessage('roll')
  @Summary('Rolls a die.')
  @Replies(Rolled, { description: 'What it shows.', type: 'rolled' })
  roll(@MessageBody(new SchemaPipe(Roll)) { sides }: Static<typeof Roll>) {
    return { value: sides };
  }

  @SubscribeMessage('rolls')
  @Replies(Rolled, { stream: true })
  async *rolls(@MessageBody(new SchemaPipe(Roll)) { sides }: Static<typeof Roll>) {
    yield { value: sides };
  }

  @SubscribeMessage('throw')
  @Replies(Die)
  throw(@MessageBody(DtoPipe) { dice }: Throw): Die {
    return dice?.[0] ?? { sides: 6 };
  }

  @SubscribeMessage('named')
  named(@MessageBody(new DtoPipe(Throw)) _data: object) {}

  @SubscribeMessage('field')
  field(@MessageBody('room_id') _roomId: string, @MessageBody('n', new SchemaPipe(Type.Integer())) _n: number) {}

  @SubscribeMessage('open')
  open(@MessageBody() _data: object, @Bare() _bare: Throw) {}
}

describe('the contract of a command', () => {
  it('has schema, reply and sentences from the decorators', () => {
    expect(contractOf(Dice, 'roll', 'roll')).toEqual({
      schema: Roll,
      reply: Rolled,
      streams: false,
      permissions: [],
      summary: 'Rolls a die.',
      replyDescription: 'What it shows.',
    });
    expect(contractOf(Dice, 'rolls', 'rolls')).toMatchObject({ reply: Rolled, streams: true });
  });

  it('has the schema of a class, with the classes inside it', () => {
    const die = {
      type: 'object',
      properties: { sides: { type: 'integer', minimum: 2, maximum: 100 } },
      required: ['sides'],
    };
    const { schema, reply } = contractOf(Dice, 'throw', 'throw');
    expect(schema).toMatchObject({
      type: 'object',
      properties: { room_id: { type: 'string' }, dice: { type: 'array', maxItems: 5, items: die } },
      required: ['room_id'],
    });
    expect(reply).toMatchObject(die);
    expect(contractOf(Dice, 'named', 'named').schema).toEqual(schema);
  });

  it('puts single fields together, and says nothing of what is not declared', () => {
    expect(contractOf(Dice, 'field', 'field').schema).toMatchObject({
      type: 'object',
      properties: { room_id: {}, n: { type: 'integer' } },
      required: expect.arrayContaining(['room_id', 'n']) as string[],
    });
    expect(contractOf(Dice, 'open', 'open').schema).toBeNull();
  });

  it('knows which fields of the payload a handler is declared to take', () => {
    const about = ['roll', 'throw', 'named', 'field', 'open'].filter((method) => takesField(Dice, method, 'room_id'));
    expect(about).toEqual(['throw', 'named', 'field']);
  });

  it('is in the table, where its reply type is the one that is sent', async () => {
    const harness = await RouterHarness.start({ providers: [Dice] });
    const { routes } = harness.module.get(CommandTable);
    expect(routes.get('roll')).toMatchObject({ replyType: 'rolled', contract: { reply: Rolled } });
    expect(routes.get('ping')?.contract.reply).toMatchObject({ properties: { server_ts: {} } });
    const alice = harness.connect();
    harness.send(alice, 'roll', { sides: 6 }, 1);
    expect(alice.frames.at(-1)).toMatchObject({ type: 'rolled', data: { value: 6 } });
    await harness.close();
  });

  it('refuses at compile time a method that returns something else', () => {
    class Wrong {
      // @ts-expect-error -- a string is no integer
      @Replies(Rolled)
      one() {
        return { value: 'six' };
      }

      // @ts-expect-error -- a stream where one reply is described
      @Replies(Rolled)
      async *two() {
        yield { value: 6 };
      }
    }
    expect(new Wrong().one()).toEqual({ value: 'six' });
  });
});
