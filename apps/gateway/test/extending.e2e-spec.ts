import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Connection,
  type ConnectionEnd,
  Connections,
  OnConnect,
  OnDisconnect,
  OnJoin,
  OnLeave,
  OnMessage,
  Pools,
  Push,
  Rooms,
} from '@hubbub/hubbub';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { Catch, type ExceptionFilter, Injectable, UseFilters } from '@nestjs/common';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { DiceGateway } from './dice/dice.gateway.js';

declare global {
  namespace Hubbub {
    interface ConnectionData {
      greeted?: boolean;
    }
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch() {
    return { event: 'out_of_range', data: { handled: true } };
  }
}

@WebSocketGateway()
class OddGateway {
  @SubscribeMessage('throw_error')
  throwError(): never {
    throw new Error('s3cret internals');
  }
  @SubscribeMessage('throw_range')
  @UseFilters(RangeFilter)
  throwRange(): never {
    throw new RangeError('mine');
  }
  @SubscribeMessage('cyclic')
  cyclic() {
    const data: { self?: unknown } = {};
    data.self = data;
    return data;
  }
  @SubscribeMessage('greeted')
  greeted(@ConnectedSocket() connection: Connection) {
    return { greeted: connection.data.greeted ?? false };
  }
}

/** Hooks of an application; `said` is what the test reads. */
@Injectable()
class Diary {
  readonly said: string[] = [];
  @OnConnect()
  async greet(connection: Connection) {
    await new Promise(setImmediate);
    connection.data.greeted = true;
    this.said.push('connect');
  }
  @OnConnect()
  fail() {
    throw new Error('a hook that throws');
  }
  @OnConnect()
  afterwards() {
    this.said.push('connect again');
  }
  @OnDisconnect()
  bye(_connection: Connection, { code, clean }: ConnectionEnd) {
    this.said.push(`disconnect ${code} ${clean}`);
  }
  @OnJoin()
  joined(_connection: Connection, room: { id: string }) {
    this.said.push(`join ${room.id}`);
  }
  @OnLeave()
  left(_connection: Connection, room: { id: string }) {
    this.said.push(`leave ${room.id}`);
  }
  @OnMessage()
  async heard({ contentJson }: { contentJson: string }) {
    this.said.push(`message ${contentJson}`);
    throw new Error('a hook that rejects');
  }
}

/** Issue: a third-party gateway class; SEEDS (Nexus): streams, pools, hooks, `Env`; SEEDS 1: a throwing handler. */
describe('extending', () => {
  let gateway: TestGateway;
  let client: TestClient;

  beforeAll(async () => {
    gateway = await startGateway({ log: { level: 'fatal' }, providers: [DiceGateway, OddGateway, Diary] });
  });
  beforeEach(async () => {
    client = await gateway.connect('player', {
      permissions: ['roll:dice', 'join:room', 'create:room', 'send:message'],
    });
  });
  afterAll(() => gateway.close());

  it('takes a gateway class of under 30 lines that imports public entries alone', () => {
    const source = readFileSync(join(__dirname, 'dice/dice.gateway.ts'), 'utf8');
    expect(source.trim().split('\n').length).toBeLessThan(30);
    expect([...source.matchAll(/from '([^']+)'/g)].map((match) => match[1])).toEqual([
      '@hubbub/hubbub',
      '@nestjs/websockets',
      'typebox',
    ]);
  });

  it('streams its items and answers once, with done', async () => {
    client.sendFrame({ message_type: 'roll_dice', message_id: 'r', data: { sides: 6, times: 3 } });
    await client.until(() => client.frames.some((frame) => frame.message_type === 'done'));
    const answers = client.frames.filter((frame) => frame.request_id === 'r');
    expect(answers.map((frame) => frame.message_type)).toEqual([
      'roll_dice_item',
      'roll_dice_item',
      'roll_dice_item',
      'done',
    ]);
    expect(answers[2]?.data).toEqual({ user_id: 'player', n: 3, value: expect.any(Number) });
    expect(answers[3]?.data).toEqual({});
  });

  it('checks schema and permission, and tells its errors', async () => {
    await expect(client.command('roll_dice', { sides: 1, times: 1 })).rejects.toMatchObject({ code: 1001 });
    await expect(client.command('roll_dice', { sides: 3, times: 1 })).rejects.toMatchObject({ code: 2001 });
    const stranger = await gateway.connect('stranger');
    await expect(stranger.command('roll_dice', { sides: 6, times: 1 })).rejects.toMatchObject({
      code: 2001,
      body: { details: { permission: 'roll:dice' } },
    });
  });

  it('a stream leaves the queue free, and ends by cancel with done and cancelled', async () => {
    client.sendFrame({ message_type: 'roll_dice', message_id: 'endless', data: { sides: 6, times: 1e9 } });
    await client.nextFrame((frame) => frame.message_type === 'roll_dice_item');
    await client.command('ping');
    client.sendFrame({ message_type: 'roll_dice', message_id: 'endless', data: { sides: 6, times: 1 } });
    expect((await client.nextFrame((frame) => frame.message_type === 'error')).data).toMatchObject({ code: 1002 });
    expect(await client.command('cancel', { request_id: 'endless' })).toEqual({ request_id: 'endless' });
    expect(await client.nextFrame((frame) => frame.message_type === 'done')).toMatchObject({
      request_id: 'endless',
      data: { cancelled: true },
    });
  });

  it('SEEDS 1: a handler that throws is answered with 1000 and tells nothing of it', async () => {
    const answer = await client.request('throw_error');
    expect(answer.data).toMatchObject({ code: 1000, name: 'Unknown' });
    expect(JSON.stringify(answer)).not.toContain('s3cret');
    expect((await client.request('cyclic')).data).toMatchObject({ code: 1000 });
    await client.settle();
  });

  it("a filter's return value is the answer", async () => {
    expect(await client.request('throw_range')).toMatchObject({
      message_type: 'out_of_range',
      data: { handled: true },
    });
  });

  it('hooks run in order, before the first command, and one that throws harms nobody', async () => {
    const diary = gateway.app.get(Diary);
    diary.said.length = 0;
    const fresh = await gateway.connect('fresh');
    expect(await fresh.command('greeted')).toEqual({ greeted: true });
    await fresh.command('create_room', { room_id: 'diary' });
    await fresh.command('join_room', { room_id: 'diary' });
    await fresh.command('room_message', { room_id: 'diary', content: { a: 1 } });
    await fresh.close();
    const other = await gateway.connect('other');
    await other.settle();
    expect(diary.said.slice(0, 7)).toEqual(
      [
        'connect',
        'connect again',
        'join diary',
        'message {"a":1}',
        'leave diary',
        'disconnect 1000 true',
        'connect',
      ].slice(0, 7),
    );
  });

  it('delivers from its own code: to a room, to a user, to a pool, to all', async () => {
    await client.command('create_room', { room_id: 'own' });
    await client.command('join_room', { room_id: 'own' });
    gateway.app.get(Rooms).broadcast('own', new Push('score', '{"home":1}'));
    expect((await client.nextFrame((frame) => frame.message_type === 'score')).data).toEqual({ home: 1 });
    const [connection] = [...gateway.app.get(Connections).ofUser('player')].slice(-1);
    connection?.send(new Push('wake', '{}'));
    await client.nextFrame((frame) => frame.message_type === 'wake');
    const pools = gateway.app.get(Pools);
    pools.add('table-1', connection!);
    pools.broadcast('table-1', new Push('deal', '{"card":7}'));
    expect((await client.nextFrame((frame) => frame.message_type === 'deal')).data).toEqual({ card: 7 });
    const other = await gateway.connect('other');
    for (const each of gateway.app.get(Connections).all()) each.send(new Push('alarm', '{}'));
    for (const each of [client, other]) await each.nextFrame((frame) => frame.message_type === 'alarm');
  });
});
