import { setImmediate as turn } from 'node:timers/promises';
import { Metrics } from '@hubbub/observability';
import type { RoomObserver } from './room-observer.js';
import { Rooms } from './rooms.service.js';
import { type Client, ORDINARY, RoomsApp } from './testing/rooms-app.js';

describe('joining and leaving', () => {
  let app: RoomsApp;
  let ann: Client;
  let bob: Client;
  const told: string[] = [];
  const observer: RoomObserver = {
    memberJoined: (roomId, { userId }) => told.push(`${userId} joined ${roomId}`),
    connectionsChanged: (roomId, userId, connections) => told.push(`${userId} has ${connections} in ${roomId}`),
    memberLeft: (roomId, userId) => told.push(`${userId} left ${roomId}`),
    roomClosed: (roomId) => told.push(`${roomId} closed`),
  };

  beforeAll(async () => {
    app = await RoomsApp.start({
      config: {
        limits: { roomsPerConnection: 3 },
        presence: { graceMs: 600_000 },
        history: { recoverMax: 5, page: 3 },
      },
    });
    app.get(Rooms).observe(observer);
  });
  beforeEach(async () => {
    ann = await app.connect('ann');
    bob = await app.connect('bob');
    await ann.do('create_room', { room_id: 'r', max_clients: 2 });
  });
  afterEach(async () => {
    await app.closeClients();
    await app.get(Rooms).delete('r');
    told.length = 0;
  });
  afterAll(() => app.close());

  /** Posts `count` messages and returns where the room stands. */
  async function post(client: Client, count: number): Promise<{ epoch: string; seq: number }> {
    let posted = { epoch: '', seq: 0 };
    for (let n = 0; n < count; n++) posted = await client.do('room_message', { room_id: 'r', content: n });
    return { epoch: posted.epoch, seq: posted.seq };
  }

  it('answers a join with the room, where it stands, its last messages and its members', async () => {
    await ann.do('join_room', { room_id: 'r' });
    const { epoch } = await post(ann, 4);
    const joined = await bob.do('join_room', { room_id: 'r' });
    expect(joined).toMatchObject({
      room_id: 'r',
      status: 'joined',
      room: { id: 'r', member_count: 2, owner_id: 'ann' },
      ...{ epoch, seq: 4, recovered: false, missed: 0, member_count: 2 },
      members: [
        { user_id: 'ann', username: 'ann', connections: 1 },
        { user_id: 'bob', username: 'bob', connections: 1 },
      ],
    });
    expect(joined.messages).toMatchObject([
      { room_id: 'r', epoch, seq: 2, sender_id: 'ann', sender_name: 'ann', content: 1, historic: true },
      { seq: 3 },
      { seq: 4 },
    ]);
  });

  it('tells as many of the last messages as were asked for, or none', async () => {
    await ann.do('join_room', { room_id: 'r' });
    await post(ann, 4);
    expect((await bob.do('join_room', { room_id: 'r', history: 0 })).messages).toEqual([]);
    await bob.do('leave_room', { room_id: 'r' });
    expect((await bob.do('join_room', { room_id: 'r', history: 2 })).messages).toMatchObject([{ seq: 3 }, { seq: 4 }]);
  });

  it('answers 3004 to a second join of the connection, also when the room is full', async () => {
    await ann.do('join_room', { room_id: 'r' });
    await bob.do('join_room', { room_id: 'r' });
    await ann.do('update_room', { room_id: 'r', max_clients: 1 });
    expect(await bob.fail('join_room', { room_id: 'r' })).toBe(3004);
    await post(bob, 1);
  });

  it('answers 3000 where there is no room, and 3003 to a leave of who is not in', async () => {
    expect(await ann.fail('join_room', { room_id: 'absent' })).toBe(3000);
    expect(await ann.fail('leave_room', { room_id: 'absent' })).toBe(3000);
    expect(await ann.fail('leave_room', { room_id: 'r' })).toBe(3003);
    expect(await ann.fail('join_room', { room_id: 'no spaces' })).toBe(1001);
  });

  it('counts users against the capacity, not connections, and frees the place with the last of them', async () => {
    const again = await app.connect('ann');
    const carl = await app.connect('carl');
    await ann.do('join_room', { room_id: 'r' });
    await again.do('join_room', { room_id: 'r' });
    await bob.do('join_room', { room_id: 'r' });
    expect(await carl.fail('join_room', { room_id: 'r' })).toBe(3002);
    await ann.do('leave_room', { room_id: 'r' });
    expect(await carl.fail('join_room', { room_id: 'r' })).toBe(3002);
    await again.do('leave_room', { room_id: 'r' });
    expect(await carl.do('join_room', { room_id: 'r' })).toMatchObject({ member_count: 2 });
    await Promise.all([again.close(), carl.close()]);
  });

  it('never lets in more than the capacity, however many come at once', async () => {
    const crowd = await Promise.all(Array.from({ length: 12 }, (_, n) => app.connect(`crowd-${n}`)));
    const answers = await Promise.all(crowd.map(({ raw }) => raw.command('join_room', { room_id: 'r' })));
    const codes = answers.map(({ message_type, data }) => (message_type === 'error' ? data.code : 'in'));
    expect(codes.filter((code) => code === 'in')).toHaveLength(2);
    expect(codes.filter((code) => code === 3002)).toHaveLength(10);
    await Promise.all(crowd.map((each) => each.close()));
  });

  it('takes 0 as no limit', async () => {
    await ann.do('update_room', { room_id: 'r', max_clients: 0 });
    const carl = await app.connect('carl');
    for (const each of [ann, bob, carl]) await each.do('join_room', { room_id: 'r' });
    expect((await ann.do('room_members', { room_id: 'r' })).member_count).toBe(3);
    await carl.close();
  });

  it('lets one connection into limits.rooms_per_connection rooms and answers 3005 after that', async () => {
    const ids = ['1', '2', '3'];
    for (const id of ids) await ann.do('create_room', { room_id: id });
    await bob.do('join_room', { room_id: 'r' });
    for (const id of ['1', '2']) await bob.do('join_room', { room_id: id });
    expect(await bob.fail('join_room', { room_id: '3' })).toBe(3005);
    await bob.do('leave_room', { room_id: '1' });
    await bob.do('join_room', { room_id: '3' });
    for (const id of ids) await ann.do('delete_room', { room_id: id });
  });

  it('admits to a private room its owner, moderators, members and invited', async () => {
    await ann.do('update_room', { room_id: 'r', visibility: 'private' });
    const tries = async () => {
      const answer = await bob.raw.command('join_room', { room_id: 'r' });
      if (answer.message_type === 'room_joined') await bob.do('leave_room', { room_id: 'r' });
      return answer.message_type === 'error' ? answer.data.code : 'in';
    };
    expect(await tries()).toBe(2001);
    for (const role of ['moderator', 'member', 'invited', 'banned', 'none']) {
      await ann.do('set_member', { room_id: 'r', user_id: 'bob', role });
      expect([role, await tries()]).toEqual([role, ['banned', 'none'].includes(role) ? 2001 : 'in']);
    }
    await ann.do('join_room', { room_id: 'r' });
    const marshal = await app.connect('marshal', ['join:room', 'admin:room@r']);
    await marshal.do('join_room', { room_id: 'r' });
    await marshal.close();
  });

  it('lists members by pages', async () => {
    await ann.do('join_room', { room_id: 'r' });
    await bob.do('join_room', { room_id: 'r' });
    const first = await ann.do('room_members', { room_id: 'r', limit: 1 });
    expect(first).toMatchObject({ room_id: 'r', members: [{ user_id: 'ann' }], member_count: 2 });
    const second = await ann.do('room_members', { room_id: 'r', limit: 1, cursor: first.next_cursor });
    expect(second.members).toMatchObject([{ user_id: 'bob' }]);
    expect(second).not.toHaveProperty('next_cursor');
  });

  describe('with since', () => {
    it('brings back all that was missed, whatever history says', async () => {
      await ann.do('join_room', { room_id: 'r' });
      const { epoch } = await post(ann, 6);
      const joined = await bob.do('join_room', { room_id: 'r', since: { epoch, seq: 1 }, history: 0 });
      expect(joined).toMatchObject({ recovered: true, missed: 5, seq: 6 });
      expect(joined.messages.map(({ seq }: { seq: number }) => seq)).toEqual([2, 3, 4, 5, 6]);
    });

    it('brings back nothing to one who missed nothing', async () => {
      await ann.do('join_room', { room_id: 'r' });
      const since = await post(ann, 2);
      expect(await bob.do('join_room', { room_id: 'r', since })).toMatchObject({
        ...{ recovered: true, missed: 0, messages: [], seq: 2 },
      });
    });

    it('brings back none of it, but the latest, to one who missed more than history.recover_max', async () => {
      await ann.do('join_room', { room_id: 'r' });
      const { epoch } = await post(ann, 7);
      const joined = await bob.do('join_room', { room_id: 'r', since: { epoch, seq: 1 }, history: 2 });
      expect(joined).toMatchObject({ recovered: false, missed: 6, messages: [{ seq: 6 }, { seq: 7 }] });
    });

    it('says missed 0 where since means nothing: another epoch, beyond the head, or a room without history', async () => {
      await ann.do('join_room', { room_id: 'r' });
      const { epoch } = await post(ann, 2);
      for (const since of [
        { epoch: 'other', seq: 1 },
        { epoch, seq: 3 },
      ]) {
        const joined = await bob.do('join_room', { room_id: 'r', since, history: 1 });
        expect(joined).toMatchObject({ recovered: false, missed: 0, messages: [{ seq: 2 }] });
        await bob.do('leave_room', { room_id: 'r' });
      }
      const { room } = await ann.do('create_room', { room_id: 'passing', history: 'none' });
      const { epoch: passing } = await bob.do('join_room', { room_id: room.id });
      await bob.do('leave_room', { room_id: room.id });
      expect(await bob.do('join_room', { room_id: room.id, since: { epoch: passing, seq: 0 } })).toMatchObject({
        ...{ recovered: false, missed: 0, messages: [], seq: 0 },
      });
      await ann.do('delete_room', { room_id: room.id });
    });

    it('leaves neither gap nor overlap between the answer and the pushes while messages come in', async () => {
      await ann.do('join_room', { room_id: 'r' });
      let seen = { epoch: '', seq: 0 };
      for (let round = 0; round < 15; round++) {
        const sending = Promise.all(
          Array.from({ length: 4 }, (_, n) => ann.do('room_message', { room_id: 'r', content: n })),
        );
        const joined = await bob.do('join_room', { room_id: 'r', ...(round > 0 && { since: seen }) });
        await sending;
        await bob.settle();
        await bob.do('leave_room', { room_id: 'r' });
        const at = bob.raw.frames.findIndex(({ data }) => data === joined);
        const pushed = bob.raw.frames.slice(at + 1).filter(({ message_type }) => message_type === 'room_message');
        const numbers = [...joined.messages, ...pushed.map(({ data }) => data)].map(({ seq }) => seq);
        if (round > 0) expect(joined.recovered).toBe(true);
        const first = round > 0 ? seen.seq + 1 : joined.seq - joined.messages.length + 1;
        expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => first + n));
        expect(numbers.at(-1)).toBe(4 * (round + 1));
        seen = { epoch: joined.epoch, seq: numbers.at(-1) };
      }
    });
  });

  describe('the end of a connection', () => {
    it('frees its place at once when it said goodbye', async () => {
      await bob.do('join_room', { room_id: 'r' });
      await bob.close();
      await app.untilConnections(1);
      expect(told.slice(-2)).toEqual(['bob joined r', 'bob left r']);
    });

    it('keeps its place for the grace when it was lost, and nobody sees that the user was away', async () => {
      await bob.do('join_room', { room_id: 'r' });
      await bob.raw.cut();
      await app.untilConnections(1);
      expect(await app.get(Rooms).isMember('r', 'bob')).toBe(true);
      bob = await app.connect('bob');
      const { member_count, members } = await bob.do('join_room', { room_id: 'r' });
      expect([member_count, members[0].connections]).toEqual([1, 1]);
      await bob.do('leave_room', { room_id: 'r' });
      expect(told).toEqual(['bob joined r', 'bob has 0 in r', 'bob has 1 in r', 'bob left r']);
    });

    it('ends joins that are under way, and leaves nothing behind', async () => {
      for (let round = 0; round < 10; round++) {
        const passing = await app.connect('passing');
        passing.raw.send({ message_type: 'join_room', data: { room_id: 'r' } });
        for (let n = 0; n < round % 5; n++) await turn();
        await passing.close();
        await app.untilConnections(2);
        expect(await app.get(Rooms).isMember('r', 'passing')).toBe(false);
      }
    });

    it('counts joins, leaves, rooms and members', async () => {
      const metrics = app.get(Metrics);
      const before = { joins: metrics.joins.value, leaves: metrics.leaves.value };
      await ann.do('join_room', { room_id: 'r' });
      await bob.do('join_room', { room_id: 'r' });
      expect(metrics.rooms.samples()[0]?.value).toBe(1);
      expect(metrics.members.samples()[0]?.value).toBe(2);
      await ann.do('leave_room', { room_id: 'r' });
      await bob.close();
      await app.untilConnections(1);
      expect(metrics.joins.value - before.joins).toBe(2);
      expect(metrics.leaves.value - before.leaves).toBe(2);
      expect(metrics.rooms.samples()[0]?.value).toBe(0);
      expect(metrics.members.samples()[0]?.value).toBe(0);
    });
  });

  it('tells observers of users, not of connections', async () => {
    const again = await app.connect('ann');
    await ann.do('join_room', { room_id: 'r' });
    await again.do('join_room', { room_id: 'r' });
    await ann.do('leave_room', { room_id: 'r' });
    await again.do('leave_room', { room_id: 'r' });
    expect(told).toEqual(['ann joined r', 'ann has 2 in r', 'ann has 1 in r', 'ann left r']);
    await again.close();
  });
});

describe('presence.grace_ms', () => {
  it('is how long a lost connection keeps its place', async () => {
    const app = await RoomsApp.start({ config: { presence: { graceMs: 1 } } });
    const rooms = app.get(Rooms);
    const left = new Promise<string>((resolve) => {
      rooms.observe({
        memberJoined: nothing,
        connectionsChanged: nothing,
        memberLeft: (_, userId) => resolve(userId),
        roomClosed: nothing,
      });
    });
    const bob = await app.connect('bob');
    await bob.do('create_room', { room_id: 'r' });
    await bob.do('join_room', { room_id: 'r' });
    await bob.raw.cut();
    expect(await left).toBe('bob');
    expect(await rooms.isMember('r', 'bob')).toBe(false);
    await app.close();
  });
});

describe('rooms.create_on_join', () => {
  it('makes the room for who may create one, and tells the others what they lack', async () => {
    const app = await RoomsApp.start({ config: { rooms: { createOnJoin: true } } });
    const ann = await app.connect('ann');
    const guest = await app.connect(
      'guest',
      ORDINARY.filter((each) => each !== 'create:room'),
    );
    const refused = await guest.raw.command('join_room', { room_id: 'fresh' });
    expect(refused.data).toMatchObject({ code: 2001, details: { permission: 'create:room' } });
    expect((await ann.do('join_room', { room_id: 'fresh' })).room).toMatchObject({ owner_id: 'ann', member_count: 1 });
    await guest.do('join_room', { room_id: 'fresh' });
    const both = await Promise.all([
      ann.do('join_room', { room_id: 'raced' }),
      app.connect('bob').then((bob) => bob.do('join_room', { room_id: 'raced' })),
    ]);
    expect(both[0].epoch).toBe(both[1].epoch);
    await app.close();
  });
});

function nothing(): void {
  // Not of interest.
}
