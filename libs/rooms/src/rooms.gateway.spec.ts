import { Rooms } from './rooms.service.js';
import { Client, ORDINARY, RoomsApp } from './testing/rooms-app.js';

describe('rooms over WebSockets', () => {
  let app: RoomsApp;
  let ann: Client;
  let bob: Client;

  beforeAll(async () => {
    app = await RoomsApp.start({ config: { limits: { roomsPerUser: 8 } } });
  });
  beforeEach(async () => {
    ann = await app.connect('ann');
    bob = await app.connect('bob');
  });
  afterEach(async () => {
    for (const { id } of (await app.http('GET', '/api/rooms?limit=200', admin)).body) {
      await app.http('DELETE', `/api/rooms/${id}`, admin);
    }
    await app.closeClients();
  });
  afterAll(() => app.close());

  const admin = { as: 'root', permissions: ['admin:system'] };

  describe('create_room', () => {
    it('makes a room with what was asked for, owned by the caller, who is not in it', async () => {
      const wanted = {
        room_id: 'lobby',
        name: 'The lobby',
        max_clients: 3,
        visibility: 'private',
        metadata: { a: [1] },
      };
      const { room } = await ann.do('create_room', wanted);
      expect(room).toEqual({
        id: 'lobby',
        name: 'The lobby',
        owner_id: 'ann',
        visibility: 'private',
        history: 'durable',
        max_clients: 3,
        member_count: 0,
        metadata: { a: [1] },
        created_at: expect.any(Number),
      });
      expect(await ann.fail('leave_room', { room_id: 'lobby' })).toBe(3003);
    });

    it('makes up an id, and takes 100 members, public, durable, for the rest', async () => {
      const { room } = await ann.do('create_room');
      expect(room).toMatchObject({ max_clients: 100, visibility: 'public', history: 'durable', metadata: {} });
      expect(room.name).toBe(room.id);
      await bob.do('join_room', { room_id: room.id });
    });

    it('refuses an id that is taken with 3001 and 409', async () => {
      await ann.do('create_room', { room_id: 'lobby' });
      expect(await bob.fail('create_room', { room_id: 'lobby' })).toBe(3001);
      const { status, body } = await app.http('POST', '/api/rooms', { as: 'bob', body: { id: 'lobby' } });
      expect([status, body.code]).toEqual([409, 3001]);
    });

    it('makes a room once when many ask for it at the same time', async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => ann.raw.command('create_room', { room_id: 'race' })),
      );
      expect(answers.filter(({ message_type }) => message_type === 'room_created')).toHaveLength(1);
    });

    it('refuses an id that is none also from the application, which may pass on what a client wrote', async () => {
      const rooms = app.get(Rooms);
      for (const id of ['"', 'a","redacted":true,"', '', 'x'.repeat(129)]) {
        await expect(rooms.create({ id })).rejects.toMatchObject({ name: 'InvalidFormat' });
      }
    });

    it('refuses metadata over 4096 bytes of JSON, and metadata nested too deep', async () => {
      const metadata = (bytes: number) => ({ a: 'é'.repeat((bytes - 8) / 2) });
      expect(await ann.fail('create_room', { metadata: metadata(4098) })).toBe(1001);
      await ann.do('create_room', { metadata: metadata(4096) });
      const deep = `{"metadata":${'{"a":'.repeat(9000)}1${'}'.repeat(9001)}`;
      expect((await app.http('POST', '/api/rooms', { as: 'ann', body: deep })).status).toBe(400);
    });

    it('refuses one owner more than limits.rooms_per_user rooms, until he deletes one', async () => {
      for (let n = 0; n < 8; n++) await ann.do('create_room', { room_id: `own-${n}` });
      expect(await ann.fail('create_room', { room_id: 'own-8' })).toBe(3005);
      await ann.do('delete_room', { room_id: 'own-0' });
      await ann.do('create_room', { room_id: 'own-8' });
    });

    it('asks for create:room, which may be narrowed to rooms', async () => {
      const guest = await app.connect('guest', ['read:message']);
      expect(await guest.fail('create_room', { room_id: 'x' })).toBe(2001);
      const helper = await app.connect('helper', ['create:room@support.*']);
      expect(await helper.fail('create_room', { room_id: 'lobby' })).toBe(2001);
      await helper.do('create_room', { room_id: 'support.1' });
      await Promise.all([guest.close(), helper.close()]);
    });
  });

  describe('update_room', () => {
    it('changes only what it names, and tells the members', async () => {
      await ann.do('create_room', { room_id: 'lobby', name: 'Old', metadata: { a: 1 } });
      await bob.do('join_room', { room_id: 'lobby' });
      const { room } = await ann.do('update_room', { room_id: 'lobby', name: 'New', max_clients: 0 });
      expect(room).toMatchObject({ name: 'New', max_clients: 0, metadata: { a: 1 }, member_count: 1 });
      expect((await bob.push('room_updated')).room).toEqual(room);
    });

    it('is for the owner and admin:room alone', async () => {
      await ann.do('create_room', { room_id: 'lobby' });
      await ann.do('set_member', { room_id: 'lobby', user_id: 'bob', role: 'moderator' });
      expect(await bob.fail('update_room', { room_id: 'lobby', name: 'Mine' })).toBe(2001);
      const marshal = await app.connect('marshal', ['admin:room@lobby']);
      await marshal.do('update_room', { room_id: 'lobby', name: 'Ours' });
      await marshal.close();
    });

    it('keeps those in whom a lower max_clients would not admit', async () => {
      await ann.do('create_room', { room_id: 'lobby' });
      await ann.do('join_room', { room_id: 'lobby' });
      await bob.do('join_room', { room_id: 'lobby' });
      await ann.do('update_room', { room_id: 'lobby', max_clients: 1 });
      await bob.do('room_message', { room_id: 'lobby', content: 'still here' });
      const carl = await app.connect('carl');
      expect(await carl.fail('join_room', { room_id: 'lobby' })).toBe(3002);
      await carl.close();
    });
  });

  describe('delete_room', () => {
    it('tells the members first, and then they are out', async () => {
      await ann.do('create_room', { room_id: 'lobby' });
      await ann.do('join_room', { room_id: 'lobby' });
      await bob.do('join_room', { room_id: 'lobby' });
      await ann.do('delete_room', { room_id: 'lobby' });
      expect(ann.story).toEqual(['room_created', 'room_joined', 'room_deleted', 'room_deleted']);
      expect(await bob.push('room_deleted')).toEqual({ room_id: 'lobby' });
      expect(await bob.fail('room_message', { room_id: 'lobby', content: 1 })).toBe(3000);
      expect(await bob.fail('leave_room', { room_id: 'lobby' })).toBe(3000);
    });

    it('gives a room that is made again another epoch, no messages and no roles', async () => {
      await ann.do('create_room', { room_id: 'lobby' });
      await ann.do('set_member', { room_id: 'lobby', user_id: 'bob', role: 'banned' });
      const before = await ann.do('join_room', { room_id: 'lobby' });
      await ann.do('room_message', { room_id: 'lobby', content: 'gone' });
      await ann.do('delete_room', { room_id: 'lobby' });
      await ann.do('create_room', { room_id: 'lobby' });
      const after = await bob.do('join_room', { room_id: 'lobby', since: { epoch: before.epoch, seq: 1 } });
      expect(after.epoch).not.toBe(before.epoch);
      expect(after).toMatchObject({ seq: 0, messages: [], recovered: false, missed: 0 });
    });

    it('needs delete:room as well as ownership', async () => {
      await ann.do('create_room', { room_id: 'lobby' });
      expect(await bob.fail('delete_room', { room_id: 'lobby' })).toBe(2001);
      const weak = await app.connect('ann', ['join:room']);
      expect(await weak.fail('delete_room', { room_id: 'lobby' })).toBe(2001);
      expect(await ann.fail('delete_room', { room_id: 'absent' })).toBe(3000);
      await weak.close();
    });

    it('comes after every message that was acknowledged, and no message comes after it', async () => {
      for (let round = 0; round < 5; round++) {
        await ann.do('create_room', { room_id: 'race' });
        await ann.do('join_room', { room_id: 'race' });
        await bob.do('join_room', { room_id: 'race' });
        const before = ann.story.length;
        const [answers] = await Promise.all([
          Promise.all(
            Array.from({ length: 30 }, (_, content) => bob.raw.command('room_message', { room_id: 'race', content })),
          ),
          ann.do('delete_room', { room_id: 'race' }),
        ]);
        await ann.settle();
        const sent = answers.filter(({ message_type }) => message_type === 'room_message_sent');
        for (const { message_type, data } of answers) if (message_type === 'error') expect(data.code).toBe(3000);
        const numbers = sent.map((_, n) => n + 1);
        expect(sent.map(({ data }) => data.seq)).toEqual(numbers);
        expect(ann.story.slice(before)).toEqual([...numbers, 'room_deleted', 'room_deleted']);
      }
    });

    it('lets a join at the same time either fail with 3000 or be told of the deletion', async () => {
      for (let round = 0; round < 20; round++) {
        await ann.do('create_room', { room_id: 'race' });
        const before = bob.story.length;
        const [joined] = await Promise.all([
          bob.raw.command('join_room', { room_id: 'race' }),
          ann.do('delete_room', { room_id: 'race' }),
        ]);
        await bob.settle();
        const told = bob.story.slice(before);
        if (joined.message_type === 'error') expect([joined.data.code, told]).toEqual([3000, []]);
        else expect(told).toEqual(['room_joined', 'room_deleted']);
        expect(await bob.fail('leave_room', { room_id: 'race' })).toBe(3000);
      }
    });
  });

  describe('list_rooms', () => {
    const ids = async (client: Client, data: object = {}) =>
      (await client.do('list_rooms', data)).rooms.map((room: { id: string }) => room.id);

    it('pages in the order of ids by a cursor that new and deleted rooms do not shift', async () => {
      for (const id of ['b', 'd', 'f', 'h']) await ann.do('create_room', { room_id: id });
      const first = await bob.do('list_rooms', { limit: 2 });
      expect(first.rooms.map(({ id }: { id: string }) => id)).toEqual(['b', 'd']);
      await ann.do('create_room', { room_id: 'a' });
      await ann.do('create_room', { room_id: 'e' });
      await ann.do('delete_room', { room_id: 'd' });
      const second = await bob.do('list_rooms', { limit: 2, cursor: first.next_cursor });
      expect(second.rooms.map(({ id }: { id: string }) => id)).toEqual(['e', 'f']);
      const last = await bob.do('list_rooms', { limit: 2, cursor: second.next_cursor });
      expect(last.rooms.map(({ id }: { id: string }) => id)).toEqual(['h']);
      expect(last).not.toHaveProperty('next_cursor');
      expect(await bob.fail('list_rooms', { cursor: 'made up' })).toBe(1001);
    });

    it('takes a prefix literally, with regard to case', async () => {
      for (const id of ['a_1', 'a_2', 'ab1', 'A_3']) await ann.do('create_room', { room_id: id });
      expect(await ids(bob, { prefix: 'a_' })).toEqual(['a_1', 'a_2']);
      expect(await ids(bob, { prefix: 'a%' })).toEqual([]);
    });

    it('shows private rooms only to those admitted, and to admin:room', async () => {
      await ann.do('create_room', { room_id: 'open' });
      await ann.do('create_room', { room_id: 'secret', visibility: 'private' });
      expect(await ids(ann)).toEqual(['open', 'secret']);
      expect(await ids(bob)).toEqual(['open']);
      await ann.do('set_member', { room_id: 'secret', user_id: 'bob', role: 'invited' });
      expect(await ids(bob)).toEqual(['open', 'secret']);
      await ann.do('set_member', { room_id: 'secret', user_id: 'bob', role: 'banned' });
      expect(await ids(bob)).toEqual(['open']);
      const marshal = await app.connect('marshal', ['read:message', 'admin:room']);
      expect(await ids(marshal)).toEqual(['open', 'secret']);
      const narrow = await app.connect('narrow', ['read:message', 'admin:room@secret']);
      expect(await ids(narrow)).toEqual(['open']);
      await Promise.all([marshal.close(), narrow.close()]);
    });

    it('shows the rooms that one is in, with their members and what one has not read', async () => {
      for (const id of ['in', 'out']) await ann.do('create_room', { room_id: id });
      expect(await ids(bob, { joined: true })).toEqual([]);
      await bob.do('join_room', { room_id: 'in' });
      await ann.do('join_room', { room_id: 'in' });
      for (let n = 0; n < 3; n++) await ann.do('room_message', { room_id: 'in', content: n });
      const [unmarked] = (await bob.do('list_rooms', { joined: true })).rooms;
      expect(unmarked).toMatchObject({ id: 'in', member_count: 2 });
      expect(unmarked).not.toHaveProperty('unread');
      await bob.do('mark_read', { room_id: 'in', seq: 1 });
      expect((await bob.do('list_rooms', { joined: true })).rooms).toMatchObject([{ id: 'in', unread: 2 }]);
    });
  });

  it('asks each command for its permission', async () => {
    await ann.do('create_room', { room_id: 'lobby' });
    const needs: [string, object, string][] = [
      ['delete_room', {}, 'delete:room'],
      ['list_rooms', {}, 'read:message'],
      ['join_room', {}, 'join:room'],
      ['leave_room', {}, 'leave:room'],
      ['room_message', { content: 1 }, 'send:message'],
      ['room_history', {}, 'read:message'],
      ['room_members', {}, 'read:message'],
      ['mark_read', { seq: 1 }, 'read:message'],
    ];
    for (const [command, data, permission] of needs) {
      const others = ORDINARY.filter((each) => each !== permission);
      const weak = await app.connect('weak', others);
      const answer = await weak.raw.command(command, { room_id: 'lobby', ...data });
      expect([command, answer.data.code, answer.data.details]).toEqual([command, 2001, { permission }]);
      await weak.close();
    }
  });
});
