import { Database, type SqliteDatabase } from '@hubbub/storage';
import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import { OnJoin, OnLeave, OnMessage, type PostedMessage } from './hooks.js';
import type { RoomInfo } from './room-info.js';
import { Rooms } from './rooms.service.js';
import { type Client, ORDINARY, RoomsApp } from './testing/rooms-app.js';

/** An application's own provider with hooks. */
@Injectable()
class Witness {
  readonly seen: string[] = [];
  throwing = false;

  @OnJoin()
  joined(connection: Connection, room: RoomInfo): void {
    if (this.throwing) throw new Error('a hook of the application');
    this.seen.push(`${connection.identity?.userId} joined ${room.id}`);
    connection.send(new Push('welcome', '{}'));
  }

  @OnLeave()
  async left(connection: Connection, room: RoomInfo): Promise<void> {
    this.seen.push(`${connection.identity?.userId} left ${room.id}`);
  }

  @OnMessage()
  posted(message: PostedMessage, connection: Connection | null): void {
    if (this.throwing) throw new Error('a hook of the application');
    this.seen.push(
      `${message.seq ?? 'passing'} ${message.contentJson} from ${connection?.identity?.userId ?? 'outside'}`,
    );
  }
}

describe('messages in rooms', () => {
  let app: RoomsApp;
  let ann: Client;
  let bob: Client;
  let witness: Witness;

  beforeAll(async () => {
    app = await RoomsApp.start({ providers: [Witness] });
    witness = app.get(Witness);
  });
  beforeEach(async () => {
    ann = await app.connect('ann');
    bob = await app.connect('bob');
    await ann.do('create_room', { room_id: 'r' });
    await ann.do('join_room', { room_id: 'r' });
    await bob.do('join_room', { room_id: 'r' });
    witness.seen.length = 0;
  });
  afterEach(async () => {
    witness.throwing = false;
    await app.get(Rooms).delete('r');
    await app.closeClients();
  });
  afterAll(() => app.close());

  it('reaches every connection in the room but the sending one, which gets the reply', async () => {
    const other = await app.connect('ann');
    await other.do('join_room', { room_id: 'r' });
    const reply = await ann.do('room_message', { room_id: 'r', content: { text: 'hi' } });
    expect(reply).toEqual({ room_id: 'r', seq: 1, epoch: expect.any(String), timestamp: expect.any(Number) });
    const message = {
      ...{ room_id: 'r', epoch: reply.epoch, seq: 1, sender_id: 'ann', sender_name: 'ann' },
      ...{ content: { text: 'hi' }, timestamp: reply.timestamp },
    };
    expect(await bob.push('room_message')).toEqual(message);
    expect(await other.push('room_message')).toEqual(message);
    await ann.settle();
    expect(ann.story.filter((each) => each === 1)).toEqual([1]);
    await other.close();
  });

  it('goes on reaching those who stay when others leave', async () => {
    const [carl, phone] = [await app.connect('carl'), await app.connect('bob')];
    await carl.do('join_room', { room_id: 'r' });
    await phone.do('join_room', { room_id: 'r' });
    await carl.do('leave_room', { room_id: 'r' });
    await phone.close();
    await app.untilConnections(3);
    await ann.do('room_message', { room_id: 'r', content: 1 });
    expect(await bob.push('room_message')).toMatchObject({ seq: 1 });
    await carl.settle();
    expect(carl.story).toEqual(['room_joined', 'welcome', 'room_left']);
    await carl.close();
  });

  it('appears to its sender at exactly its place among the messages of others', async () => {
    const send = (client: Client) =>
      Promise.all(Array.from({ length: 100 }, (_, n) => client.do('room_message', { room_id: 'r', content: n })));
    await Promise.all([send(ann), send(bob)]);
    await ann.settle();
    await bob.settle();
    const numbers = Array.from({ length: 200 }, (_, n) => n + 1);
    for (const client of [ann, bob]) expect(client.story.filter((each) => typeof each === 'number')).toEqual(numbers);
  });

  it('keeps the content to the character', async () => {
    const content = '{"b":1.0,"1":2,"a":[1e3,"\\u00e9"],"__proto__":1152921504606846976}';
    const text = new Promise<string>((resolve) => {
      bob.raw.socket.on('message', (bytes: Buffer) => {
        if (bytes.includes('"room_message"')) resolve(bytes.toString());
      });
    });
    ann.raw.send(`{"message_type":"room_message","data":{"room_id":"r","content": ${content} }}`);
    expect(await text).toContain(`"content":${content},`);
    const response = await app.http('GET', '/api/rooms/r/messages', { as: 'bob' });
    expect(response.text).toContain(`"content":${content},`);
    expect(response.headers['content-type']).toContain('application/json');
  });

  it('answers 3003 to who is not in the room, and 3000 where there is none', async () => {
    const carl = await app.connect('carl');
    expect(await carl.fail('room_message', { room_id: 'r', content: 1 })).toBe(3003);
    expect(await carl.fail('room_message', { room_id: 'absent', content: 1 })).toBe(3000);
    expect(await ann.fail('room_message', { room_id: 'r' })).toBe(1001);
    await carl.close();
  });

  it('stores and delivers the same idempotency_key once', async () => {
    const first = await ann.do('room_message', { room_id: 'r', content: 'a', idempotency_key: 'k' });
    await ann.do('room_message', { room_id: 'r', content: 'b' });
    const again = await ann.do('room_message', { room_id: 'r', content: 'a', idempotency_key: 'k' });
    expect(again).toEqual({ ...first, duplicate: true });
    await bob.do('room_message', { room_id: 'r', content: 'c', idempotency_key: 'k' });
    await bob.settle();
    expect(bob.story.filter((each) => typeof each === 'number')).toEqual([1, 2, 3]);
  });

  it('passes ephemeral messages on without a number and keeps none of them', async () => {
    const reply = await ann.do('room_message', { room_id: 'r', content: 'typing', ephemeral: true });
    expect(reply).toEqual({ room_id: 'r', epoch: expect.any(String), timestamp: expect.any(Number) });
    const push = await bob.push('room_message');
    expect(push).toMatchObject({ content: 'typing', ephemeral: true, sender_id: 'ann', epoch: reply.epoch });
    expect(push).not.toHaveProperty('seq');
    expect((await bob.do('room_history', { room_id: 'r' })).messages).toEqual([]);
  });

  it('keeps the order of the answers when durable and ephemeral messages are mixed', async () => {
    const types = [false, true, false, true, true, false];
    const answers = await Promise.all(
      types.map((ephemeral, content) => ann.do('room_message', { room_id: 'r', content, ephemeral })),
    );
    const order = answers.map((answer) => ann.raw.frames.findIndex(({ data }) => data === answer));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(answers.map(({ seq }) => seq !== undefined)).toEqual(types.map((ephemeral) => !ephemeral));
  });

  it('keeps nothing in a room without history', async () => {
    await ann.do('create_room', { room_id: 'passing', history: 'none' });
    await ann.do('join_room', { room_id: 'passing' });
    await bob.do('join_room', { room_id: 'passing' });
    const reply = await ann.do('room_message', { room_id: 'passing', content: 1, idempotency_key: 'k' });
    expect(reply).not.toHaveProperty('seq');
    expect(await bob.push('room_message')).toMatchObject({ room_id: 'passing', content: 1, epoch: reply.epoch });
    const history = await ann.do('room_history', { room_id: 'passing' });
    expect(history).toEqual({ room_id: 'passing', epoch: reply.epoch, messages: [], has_more: false });
    await ann.do('delete_room', { room_id: 'passing' });
  });

  it('reads history both ways', async () => {
    for (let n = 1; n <= 5; n++) await ann.do('room_message', { room_id: 'r', content: n });
    const page = async (range: object) => {
      const { messages, has_more } = await bob.do('room_history', { room_id: 'r', limit: 2, ...range });
      return [messages.map(({ seq }: { seq: number }) => seq), has_more];
    };
    expect(await page({})).toEqual([[4, 5], true]);
    expect(await page({ before: 3 })).toEqual([[1, 2], false]);
    expect(await page({ after: 1 })).toEqual([[2, 3], true]);
    expect(await page({ after: 4 })).toEqual([[5], false]);
    expect(await bob.fail('room_history', { room_id: 'r', before: 2, after: 1 })).toBe(1001);
  });

  it("tells what is unread, and one's other devices of what was read", async () => {
    for (let n = 1; n <= 3; n++) await ann.do('room_message', { room_id: 'r', content: n });
    await bob.do('room_message', { room_id: 'r', content: 'mine' });
    const phone = await app.connect('bob');
    const marked = await bob.do('mark_read', { room_id: 'r', seq: 2 });
    expect(marked).toEqual({ room_id: 'r', seq: 2, unread: 1 });
    expect(await phone.push('marked_read')).toEqual(marked);
    expect(await bob.fail('mark_read', { room_id: 'r', peer_id: 'ann', seq: 1 })).toBe(1001);
    expect(await bob.fail('mark_read', { seq: 1 })).toBe(1001);
    expect(await bob.do('mark_read', { peer_id: 'ann', seq: 1 })).toMatchObject({ peer_id: 'ann', unread: 0 });
    await phone.close();
  });

  it('touches no table but those of the log', async () => {
    const { dataSource } = app.get(Database);
    const read = jest.spyOn(app.get(Database), 'read');
    const transaction = jest.spyOn(dataSource, 'createQueryRunner');
    await ann.do('room_message', { room_id: 'r', content: 1 });
    await ann.do('room_message', { room_id: 'r', content: 1, ephemeral: true });
    expect(read).not.toHaveBeenCalled();
    expect(transaction).not.toHaveBeenCalled();
    read.mockRestore();
    transaction.mockRestore();
  });

  it('answers 1003 and delivers nothing while the database is away', async () => {
    const away = jest.spyOn(app.get(Database) as SqliteDatabase, 'exclusive').mockRejectedValue(new Error('disk full'));
    const answer = await app.quietly(() => ann.raw.command('room_message', { room_id: 'r', content: 1 }));
    expect(answer.data).toMatchObject({ code: 1003, retryable: true });
    away.mockRestore();
    await ann.do('room_message', { room_id: 'r', content: 2 });
    expect(await bob.push('room_message')).toMatchObject({ seq: 1, content: 2 });
  });

  describe('posted by a service', () => {
    it('reaches all connections in the room, in its place', async () => {
      const rooms = app.get(Rooms);
      const posted = await rooms.publish('r', { senderId: 'bot', senderName: 'Bot', content: { n: 1 } });
      expect(posted).toMatchObject({ seq: 1, duplicate: false });
      for (const client of [ann, bob]) {
        expect(await client.push('room_message')).toMatchObject({ seq: 1, sender_id: 'bot', content: { n: 1 } });
      }
      await expect(rooms.publish('absent', { senderId: 'bot', senderName: 'Bot', content: 1 })).rejects.toMatchObject({
        name: 'RoomNotFound',
      });
    });

    it('broadcasts a push of its own to all but one', async () => {
      const [connection] = app.get(Connections).ofUser('ann');
      app.get(Rooms).broadcast('r', new Push('alarm', '{"level":3}'), { except: connection });
      expect(await bob.push('alarm')).toEqual({ level: 3 });
      await ann.settle();
      expect(ann.story).not.toContain('alarm');
    });

    it('joins and leaves for a connection', async () => {
      const carl = await app.connect('carl');
      const [connection] = app.get(Connections).ofUser('carl');
      const rooms = app.get(Rooms);
      await rooms.join(connection as Connection, 'r');
      await ann.do('room_message', { room_id: 'r', content: 1 });
      expect(await carl.push('room_message')).toMatchObject({ seq: 1 });
      rooms.leave(connection as Connection, 'r');
      expect(await carl.fail('room_message', { room_id: 'r', content: 1 })).toBe(3003);
      await carl.close();
    });
  });

  describe('hooks', () => {
    it('are told of joins after the answer, of messages with their sender, and of leaves', async () => {
      const carl = await app.connect('carl');
      await carl.do('join_room', { room_id: 'r' });
      await carl.do('room_message', { room_id: 'r', content: { a: 1 } });
      await carl.do('room_message', { room_id: 'r', content: 2, ephemeral: true });
      await app.http('POST', '/api/rooms/r/messages', { as: 'ann', body: { content: 'x' } });
      await carl.do('leave_room', { room_id: 'r' });
      expect(carl.story).toEqual(['room_joined', 'welcome', 1, undefined, 2, 'room_left']);
      expect(witness.seen).toEqual([
        ...['carl joined r', '1 {"a":1} from carl', 'passing 2 from carl', '2 "x" from outside', 'carl left r'],
      ]);
      await carl.close();
    });

    it('are told of leaves by kick, by deletion and by the end of the connection', async () => {
      const carl = await app.connect('carl', [...ORDINARY, 'admin:room']);
      await carl.do('join_room', { room_id: 'r' });
      await carl.do('kick_member', { room_id: 'r', user_id: 'bob' });
      await carl.close();
      await app.untilConnections(2);
      await ann.do('delete_room', { room_id: 'r' });
      expect(witness.seen).toEqual(['carl joined r', 'bob left r', 'carl left r', 'ann left r']);
      await ann.do('create_room', { room_id: 'r' });
    });

    it('harm nobody when they throw', async () => {
      witness.throwing = true;
      const carl = await app.connect('carl');
      await app.quietly(async () => {
        await carl.do('join_room', { room_id: 'r' });
        await carl.do('room_message', { room_id: 'r', content: 1 });
      });
      expect(await bob.push('room_message')).toMatchObject({ seq: 1 });
      await carl.close();
    });
  });
});
