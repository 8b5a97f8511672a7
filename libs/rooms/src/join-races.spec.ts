import { MessageLog } from '@hubbub/messages';
import { HubbubError } from '@hubbub/protocol';
import { Push } from '@hubbub/transport';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { mergeMap, type Observable } from 'rxjs';
import { Rooms } from './rooms.service.js';
import { type Client, RoomsApp } from './testing/rooms-app.js';

/** An application's interceptor that takes its time over every answer, without leaving the turn. */
@Injectable()
class Dawdler implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        for (let n = 0; n < 200; n++) await Promise.resolve();
        return answer;
      }),
    );
  }
}

describe('what happens while a join is under way', () => {
  let app: RoomsApp;
  let ann: Client;
  let bob: Client;

  beforeAll(async () => {
    app = await RoomsApp.start();
    ann = await app.connect('ann');
  });
  beforeEach(async () => {
    bob = await app.connect('bob');
    await ann.do('create_room', { room_id: 'r' });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await bob.close();
    await app
      .get(Rooms)
      .delete('r')
      .catch(() => undefined);
  });
  afterAll(() => app.close());

  /** Lets `work` be done just before the join first asks the log for its head, or for the past. */
  function during(moment: 'head' | 'history', work: () => Promise<unknown>): void {
    const log = app.get(MessageLog);
    const ask = log[moment].bind(log) as (...args: unknown[]) => Promise<never>;
    jest.spyOn(log, moment).mockImplementationOnce(async (...args: unknown[]) => {
      await work();
      return ask(...args);
    });
  }
  const ban = () => ann.do('set_member', { room_id: 'r', user_id: 'bob', role: 'banned' });
  const remove = () => ann.do('delete_room', { room_id: 'r' });
  const remake = async () => {
    await remove();
    return ann.do('create_room', { room_id: 'r', name: 'Second' });
  };

  for (const moment of ['head', 'history'] as const) {
    const when = moment === 'head' ? 'before it has its seat' : 'while it reads what was missed';

    it(`a ban ${when} answers it 2001`, async () => {
      during(moment, ban);
      expect(await bob.fail('join_room', { room_id: 'r' })).toBe(2001);
      expect(await app.get(Rooms).isMember('r', 'bob')).toBe(false);
    });

    it(`a deletion ${when} answers it 3000`, async () => {
      during(moment, remove);
      expect(await bob.fail('join_room', { room_id: 'r' })).toBe(3000);
      expect(await app.get(Rooms).isMember('r', 'bob')).toBe(false);
    });

    it(`a deletion and a room of the same name ${when} take it into the new one`, async () => {
      await ann.do('join_room', { room_id: 'r' });
      await ann.do('room_message', { room_id: 'r', content: 'of the first' });
      await ann.do('leave_room', { room_id: 'r' });
      during(moment, remake);
      const joined = await bob.raw.command('join_room', { room_id: 'r' });
      // The log may be the first to notice: then there was no room at that moment.
      if (joined.message_type === 'error') expect(joined.data.code).toBe(3000);
      else expect(joined.data).toMatchObject({ room: { name: 'Second' }, seq: 0, messages: [] });
      const isIn = joined.message_type === 'room_joined';
      expect(await app.get(Rooms).isMember('r', 'bob')).toBe(isIn);
      await app.get(Rooms).publish('r', { senderId: 'bot', senderName: 'Bot', content: 1 });
      await bob.settle();
      expect(bob.story.filter((each) => each === 1)).toHaveLength(isIn ? 1 : 0);
    });

    it(`the end of the connection ${when} leaves nothing behind`, async () => {
      const ended = new Promise<void>((resolve) => {
        during(moment, async () => {
          await bob.close();
          await app.untilConnections(1);
          resolve();
        });
      });
      bob.raw.send({ message_type: 'join_room', data: { room_id: 'r' } });
      await ended;
      await ann.settle();
      expect(await app.get(Rooms).isMember('r', 'bob')).toBe(false);
    });

    it(`a full house ${when} is respected`, async () => {
      await ann.do('update_room', { room_id: 'r', max_clients: 1 });
      let rival: ReturnType<Client['raw']['command']> | undefined;
      during(moment, async () => {
        rival = ann.raw.command('join_room', { room_id: 'r' });
      });
      const answers = [await bob.raw.command('join_room', { room_id: 'r' }), await rival];
      expect(answers.map((each) => each?.message_type).sort()).toEqual(['error', 'room_joined']);
      if (answers[1]?.message_type === 'room_joined') await ann.do('leave_room', { room_id: 'r' });
    });
  }

  it('a deletion and a room of the same name just after the log was asked take it into the new one', async () => {
    const log = app.get(MessageLog);
    const head = log.head.bind(log);
    jest.spyOn(log, 'head').mockImplementationOnce(async (roomId) => {
      const before = await head(roomId);
      await remake();
      return before;
    });
    expect((await bob.do('join_room', { room_id: 'r' })).room.name).toBe('Second');
    await app.get(Rooms).publish('r', { senderId: 'bot', senderName: 'Bot', content: 1 });
    expect(await bob.push('room_message')).toMatchObject({ seq: 1 });
  });

  it('a kick while it reads what was missed is over when it has joined', async () => {
    during('history', () => ann.do('kick_member', { room_id: 'r', user_id: 'bob' }));
    await bob.do('join_room', { room_id: 'r' });
    expect(await app.get(Rooms).isMember('r', 'bob')).toBe(true);
  });

  it('a failure frees its place again', async () => {
    await ann.do('update_room', { room_id: 'r', max_clients: 1 });
    jest.spyOn(app.get(MessageLog), 'history').mockRejectedValueOnce(new HubbubError('ServerError'));
    expect(await bob.fail('join_room', { room_id: 'r' })).toBe(1003);
    await ann.do('join_room', { room_id: 'r' });
  });
});

describe('a join that takes longer than a command may', () => {
  it('is undone, so that one who was told Timeout can join, and gets nothing before that', async () => {
    const app = await RoomsApp.start({ config: { limits: { commandTimeoutMs: 50 } } });
    const rooms = app.get(Rooms);
    await rooms.create({ id: 'r' });
    const bob = await app.connect('bob');
    const log = app.get(MessageLog);
    const history = log.history.bind(log);
    let first: ReturnType<Client['raw']['command']> | undefined;
    jest.spyOn(log, 'history').mockImplementationOnce(async (roomId, options) => {
      await first;
      return history(roomId, options);
    });
    first = bob.raw.command('join_room', { room_id: 'r' });
    expect((await first).data).toMatchObject({ code: 1004 });
    await rooms.publish('r', { senderId: 'bot', senderName: 'Bot', content: 1 });
    expect(await bob.do('join_room', { room_id: 'r' })).toMatchObject({ seq: 1, messages: [{ content: 1 }] });
    expect(bob.story.filter((each) => each === 1)).toHaveLength(0);
    await app.close();
  });
});

describe("a join behind an application's slow interceptor", () => {
  it('is answered before anything of the room is let through', async () => {
    const app = await RoomsApp.start({ providers: [{ provide: APP_INTERCEPTOR, useClass: Dawdler }] });
    const rooms = app.get(Rooms);
    const { epoch } = await rooms.create({ id: 'r' });
    const bob = await app.connect('bob');
    // From now on everything that the join asks for is in memory: it is complete before the router hears of it.
    await (await app.connect('ann')).do('join_room', { room_id: 'r' });
    await bob.do('room_members', { room_id: 'r' });
    jest.spyOn(app.get(MessageLog), 'history').mockImplementationOnce(async () => {
      rooms.broadcast('r', new Push('alarm', '{}'));
      return { epoch, messages: [], hasMore: false };
    });
    await bob.do('join_room', { room_id: 'r' });
    await bob.settle();
    expect(bob.story.slice(1)).toEqual(['room_joined', 'alarm']);
    await app.close();
  });
});
