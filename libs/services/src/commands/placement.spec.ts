import { describeWithBroker } from '@hubbub/bus/testing';
import { COMMANDS, isValid } from '@hubbub/protocol';
import type { TestClient } from '@hubbub/testing';
import { AskedNodes, WAYS } from '../testing/asked-nodes.js';

/** Users are let into rooms and taken out by services; each over NATS and over HTTP. */
describeWithBroker('nats', 'services and membership', () => {
  let nodes: AskedNodes;
  let roomId: string;
  let count = 0;

  beforeAll(async () => {
    nodes = await AskedNodes.open({ limits: { roomsPerConnection: 2 } });
  });
  beforeEach(() => {
    roomId = `room-${++count}`;
  });
  afterAll(() => nodes.close());
  afterEach(async () => {
    for (const { clients } of [nodes.first, nodes.second]) for (const client of clients) await client.close();
  });

  const memberOf = async (node: 'first' | 'second', userId: string) => {
    const member = await nodes[node].connect(userId);
    await member.request('create_room', { room_id: roomId });
    await member.command('join_room', { room_id: roomId });
    return member;
  };
  const post = (from: TestClient, content: unknown) => from.command('room_message', { room_id: roomId, content });

  describe.each(WAYS)('over %s', (way) => {
    it('`join_user` lets in all his connections at all nodes, each told as if it had asked', async () => {
      const alice = await memberOf('first', 'alice');
      await post(alice, 'before');
      const bobs = [await nodes.first.connect('bob'), await nodes.second.connect('bob')];
      const joined = await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'bob' });
      const nobody = { already: 0, refused: [], nodes: 2, unconfirmed: [] };
      expect(joined).toEqual({ room_id: roomId, user_id: 'bob', joined: 2, ...nobody });
      for (const bob of bobs) {
        const told = await bob.next('room_joined');
        expect(isValid(COMMANDS.join_room.replyData, told)).toBe(true);
        expect(told).toMatchObject({
          ...{ room_id: roomId, status: 'joined', seq: 1, recovered: false, missed: 0, member_count: 2 },
          messages: [{ seq: 1, content: 'before', historic: true }],
        });
        expect(told.members.map(({ user_id }) => user_id)).toEqual(['alice', 'bob']);
      }
      const seen = await alice.next('presence', (push) => push.joined.some(({ user_id }) => user_id === 'bob'));
      expect(seen.member_count).toBe(2);
      await post(alice, 'after');
      for (const bob of bobs) expect(await bob.next('room_message')).toMatchObject({ seq: 2, content: 'after' });
      expect(await post(bobs[1] as TestClient, 'mine')).toMatchObject({ seq: 3 });
    });

    it('`join_user` leaves no gap and no overlap while others post', async () => {
      const alice = await memberOf('first', 'alice');
      const bob = await nodes.second.connect('bob');
      const posts = Array.from({ length: 100 }, (_, n) => post(alice, n + 1));
      await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'bob', history: 0 });
      const { seq: from } = await bob.next('room_joined');
      await Promise.all(posts);
      await post(alice, 'last');
      await bob.next('room_message', ({ content }) => content === 'last');
      const seqs = bob.pushes('room_message').map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 101 - from }, (_, n) => from + n + 1));
    });

    it('`join_user` leaves those alone who are in the room', async () => {
      const alice = await memberOf('first', 'alice');
      const again = await nodes.second.connect('alice');
      const answer = await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'alice' });
      expect(answer).toMatchObject({ joined: 1, already: 1, refused: [] });
      await again.next('room_joined');
      await alice.settle();
      expect(alice.pushes('room_joined')).toEqual([]);
      expect(await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'alice' })).toMatchObject({ already: 2 });
    });

    it('`join_user` keeps to what the room says of him: bans, private rooms, capacity', async () => {
      const alice = await memberOf('first', 'alice');
      await nodes.second.connect('bob');
      const join = () => nodes.refusal(way, 'join_user', { room_id: roomId, user_id: 'bob' });
      await alice.command('set_member', { room_id: roomId, user_id: 'bob', role: 'banned' });
      expect(await join()).toMatchObject({ code: 2001, name: 'Forbidden' });
      await alice.command('set_member', { room_id: roomId, user_id: 'bob', role: 'none' });
      await alice.command('update_room', { room_id: roomId, visibility: 'private' });
      expect(await join()).toMatchObject({ code: 2001 });
      await alice.command('set_member', { room_id: roomId, user_id: 'bob', role: 'invited' });
      await alice.command('update_room', { room_id: roomId, max_clients: 1 });
      expect(await join()).toMatchObject({ code: 3002, name: 'RoomFull', retryable: true });
      await alice.command('update_room', { room_id: roomId, max_clients: 2 });
      expect(await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'bob' })).toMatchObject({ joined: 1 });
    });

    it('`join_user` asks no permission of him', async () => {
      await memberOf('first', 'alice');
      const poor = await nodes.second.connect('poor', { permissions: [] });
      expect(await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'poor' })).toMatchObject({ joined: 1 });
      expect(await poor.next('room_joined')).toMatchObject({ room_id: roomId });
    });

    it('`join_user` says which of his connections found no place', async () => {
      await memberOf('first', 'alice');
      const [full, free] = [await nodes.second.connect('bob'), await nodes.first.connect('bob')];
      const { connection_id } = await full.next('connected');
      for (const other of ['x', 'y']) {
        await full.request('create_room', { room_id: other });
        await full.command('join_room', { room_id: other });
      }
      const { joined, refused } = await nodes.ask(way, 'join_user', { room_id: roomId, user_id: 'bob' });
      const error = expect.objectContaining({ code: 3005, name: 'TooManyRooms', retryable: false });
      expect([joined, refused]).toEqual([1, [{ connection_id, error }]]);
      await free.next('room_joined');
    });

    it('`join_user` of one who is not connected is refused, and of a room that is none', async () => {
      await memberOf('first', 'alice');
      const offline = { room_id: roomId, user_id: 'nobody' };
      expect(await nodes.refusal(way, 'join_user', offline)).toMatchObject({ code: 4001, name: 'ClientOffline' });
      const nowhere = { room_id: 'nowhere', user_id: 'alice' };
      expect(await nodes.refusal(way, 'join_user', nowhere)).toMatchObject({ code: 3000 });
      const unsure = await nodes.whileSilent(() => nodes.ask(way, 'join_user', offline));
      expect(unsure).toMatchObject({ joined: 0, nodes: 1, unconfirmed: ['n2'] });
    });

    it('`leave_user` takes out all his connections at all nodes, each told as if it had asked', async () => {
      const alice = await memberOf('first', 'alice');
      const bobs = [await memberOf('first', 'bob'), await memberOf('second', 'bob')];
      await alice.next('presence', (push) => push.joined.some(({ user_id }) => user_id === 'bob'));
      const left = await nodes.ask(way, 'leave_user', { room_id: roomId, user_id: 'bob' });
      expect(left).toEqual({ room_id: roomId, user_id: 'bob', left: 2, nodes: 2, unconfirmed: [] });
      for (const bob of bobs) expect(await bob.next('room_left')).toEqual({ room_id: roomId, status: 'left' });
      await alice.next('presence', (push) => push.left.some(({ user_id }) => user_id === 'bob'));
      await post(alice, 'without him');
      for (const bob of bobs) {
        await expect(post(bob, 'too late')).rejects.toMatchObject({ code: 3003 });
        expect(bob.pushes('room_message')).toEqual([]);
        await bob.command('join_room', { room_id: roomId });
      }
    });

    it('`leave_user` frees the place that the grace keeps for one whose connection was lost', async () => {
      await memberOf('first', 'alice');
      const bob = await memberOf('first', 'bob');
      await bob.vanish();
      // Asked until the node has noticed.
      let left: unknown;
      do
        left = await nodes.ask(way, 'leave_user', { room_id: roomId, user_id: 'bob' }).catch((error: unknown) => error);
      while ((left as { left?: number }).left === 1);
      const { members } = await nodes.ask(way, 'room_members', { room_id: roomId });
      expect(members.map(({ user_id }) => user_id)).toEqual(['alice']);
    });

    it('`leave_user` of one who is not in the room is refused, unless a node did not say', async () => {
      await memberOf('first', 'alice');
      const absent = { room_id: roomId, user_id: 'nobody' };
      expect(await nodes.refusal(way, 'leave_user', absent)).toMatchObject({ code: 3003, name: 'NotInRoom' });
      expect(await nodes.refusal(way, 'leave_user', { ...absent, room_id: 'nowhere' })).toMatchObject({ code: 3000 });
      const unsure = await nodes.whileSilent(() => nodes.ask(way, 'leave_user', absent));
      expect(unsure).toMatchObject({ left: 0, nodes: 1, unconfirmed: ['n2'] });
    });

    it.each(['join_user', 'leave_user'] as const)(
      '`%s` is for admin:room, of that room alone where it is narrowed, and wrong data is named',
      async (name) => {
        await memberOf('first', 'alice');
        const place = { room_id: roomId, user_id: 'alice' };
        const refused = await nodes.refusal(way, name, place, { permissions: ['join:room', 'admin:room@other'] });
        expect(refused).toMatchObject({ name: 'Forbidden', details: { permission: 'admin:room' } });
        const { user_id } = await nodes.ask(way, name, place, { permissions: [`admin:room@${roomId}`] });
        expect(user_id).toBe('alice');
        expect(await nodes.refusal(way, name, { room_id: '*', user_id: 'alice' })).toMatchObject({
          name: 'InvalidFormat',
          details: [{ path: '/room_id', message: expect.any(String) }],
        });
      },
    );
  });
});
