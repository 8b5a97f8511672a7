import { Summary } from '@hubbub/hubbub';
import { startGateway, type TestGateway } from '@hubbub/testing';
import {
  type CallHandler,
  Catch,
  ClassSerializerInterceptor,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ValidationPipe,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { IsInt, Min } from 'class-validator';

class RollDto {
  @IsInt()
  @Min(2)
  sides!: number;
}

class Loaded extends Error {}

@WebSocketGateway()
class DiceGateway {
  @SubscribeMessage('roll')
  @Summary('Rolls a die.')
  roll(@MessageBody() roll: RollDto) {
    if (roll.sides === 13) throw new Loaded();
    return { isRoll: roll instanceof RollDto, sides: roll.sides };
  }
}

@Catch(Loaded)
class LoadedFilter implements ExceptionFilter {
  catch() {
    return { event: 'loaded', data: {} };
  }
}

const seen: string[] = [];

@Injectable()
class Watch implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    seen.push(`${context.getType()} ${context.getHandler().name}`);
    return next.handle();
  }
}

/** What an application of Nest often has for all its routes; built-in commands and routes take it like anybody's. */
describe('enhancers of a whole application', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const strict = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });
    gateway = await startGateway({
      providers: [
        DiceGateway,
        { provide: APP_PIPE, useValue: strict },
        { provide: APP_FILTER, useClass: LoadedFilter },
        { provide: APP_INTERCEPTOR, useClass: Watch },
        { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor },
      ],
    });
  });
  beforeEach(() => (seen.length = 0));
  afterAll(() => gateway.close());

  it('check the payloads that are classes', async () => {
    const alice = await gateway.connect('alice');
    expect(await alice.command('roll', { sides: 6 })).toEqual({ isRoll: true, sides: 6 });
    await expect(alice.command('roll', { sides: 1, more: 2 })).rejects.toMatchObject({
      code: 1001,
      body: { details: [{ message: 'property more should not exist' }, { message: 'sides must not be less than 2' }] },
    });
    expect((await alice.request('roll', { sides: 13 })).message_type).toBe('loaded');
    expect(seen).toEqual(['ws roll', 'ws roll', 'ws roll']);
  });

  it('leave the built-in commands and routes as they are', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const metadata = { more: { of: ['it', 7] } };
    expect((await alice.command('create_room', { room_id: 'den', metadata })).room).toMatchObject({ metadata });
    for (const client of [alice, bob]) {
      expect((await client.command('join_room', { room_id: 'den' })).room).toMatchObject({ id: 'den', metadata });
    }
    const content = { text: 'hello', more: [1, { deep: true }] };
    expect(await alice.command('room_message', { room_id: 'den', content })).toMatchObject({ seq: 1 });
    expect((await bob.next('room_message')).content).toEqual(content);
    expect((await bob.command('room_history', { room_id: 'den' })).messages).toMatchObject([{ seq: 1, content }]);
    const token = gateway.token('carol');
    const posted = await gateway.fetch('POST', '/api/rooms/den/messages', { token, body: { content } });
    expect(posted.status).toBe(201);
    const page = await gateway.fetch<{ messages: unknown[] }>('GET', '/api/rooms/den/messages?limit=1', { token });
    expect(page.body.messages).toEqual([expect.objectContaining({ seq: 2, content })]);
    const account = { username: 'dave', password: "dave's own" };
    expect((await gateway.fetch('POST', '/api/auth/register', { body: account })).status).toBe(201);
    expect((await gateway.fetch('POST', '/api/rooms', { token, body: { id: 'no room id' } })).body).toMatchObject({
      code: 1001,
      details: [{ path: '/id' }],
    });
    expect(seen).toContain('ws create');
    expect(seen).toContain('http post');
  });
});
