import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';

/** PROTOCOL §3 (rooms), §5, §6 (roles). */
describe('rooms', () => {
  let gateway: TestGateway;
  let made = 0;

  beforeAll(async () => {
    gateway = await startGateway({
      presence: { graceMs: 100, coalesceMs: 10 },
      limits: { roomsPerConnection: 5, roomsPerUser: 50 },
    });
  });
  afterAll(() => gateway.close());

  /** A room of its own for each test, with its owner in it. */
  async function roomOf(owner: TestClient, data: Record<string, unknown> = {}): Promise<string> {
    const room_id = `room-${++made}`;
    await owner.command('create_room', { room_id, ...data });
    await owner.command('join_room', { room_id });
    return room_id;
  }
  const ADMIN = { permissions: ['admin:system'] };

  it('create_room answers with the room and does not join', async () => {
    const alice = await gateway.connect('alice');
    const { room } = await alice.command('create_room', { room_id: 'plain', metadata: { topic: 'x' } });
    expect(room).toEqual({
      id: 'plain',
      name: expect.any(String),
      owner_id: 'alice',
      visibility: 'public',
      history: 'durable',
      max_clients: 100,
      member_count: 0,
      metadata: { topic: 'x' },
      created_at: expect.any(Number),
    });
    await expect(alice.command('room_message', { room_id: 'plain', content: 1 })).rejects.toMatchObject({ code: 3003 });
  });

  it('create_room makes an id when none is given, and refuses one that exists with 3001', async () => {
    const alice = await gateway.connect('alice');
    const { room } = await alice.command('create_room', {});
    expect(room.id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_:.-]{0,127}$/);
    await expect(alice.command('create_room', { room_id: room.id })).rejects.toMatchObject({ code: 3001 });
  });

  it('create_room refuses metadata over 4 KiB', async () => {
    const alice = await gateway.connect('alice');
    await expect(alice.command('create_room', { metadata: { big: 'x'.repeat(4096) } })).rejects.toMatchObject({
      code: 1001,
    });
  });

  it('join_room answers with room, head, history and members; a second join of the connection is 3004', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await roomOf(alice);
    await alice.command('room_message', { room_id, content: 'first' });
    const joined = await bob.command('join_room', { room_id });
    expect(joined).toMatchObject({ room_id, status: 'joined', seq: 1, recovered: false, missed: 0, member_count: 2 });
    expect(joined.messages).toEqual([
      {
        room_id,
        epoch: joined.epoch,
        seq: 1,
        sender_id: 'alice',
        sender_name: 'alice',
        content: 'first',
        timestamp: expect.any(Number),
        historic: true,
      },
    ]);
    expect(joined.members.map((member) => member.user_id).sort()).toEqual(['alice', 'bob']);
    await expect(bob.command('join_room', { room_id })).rejects.toMatchObject({ code: 3004 });
  });

  it('join_room replays the last 50 messages, oldest first and marked historic; what follows is not', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await roomOf(alice);
    const post = (n: number) => alice.command('room_message', { room_id, content: n });
    for (let n = 1; n <= 52; n++) await post(n);
    const { messages } = await bob.command('join_room', { room_id });
    expect(messages.map(({ content }) => content)).toEqual(Array.from({ length: 50 }, (_, at) => at + 3));
    expect(messages.filter(({ historic }) => historic !== true)).toEqual([]);
    await post(53);
    const next = await bob.next('room_message');
    expect([next.content, 'historic' in next]).toEqual([53, false]);
  });

  it('join_room on an absent room is 3000', async () => {
    const alice = await gateway.connect('alice');
    await expect(alice.command('join_room', { room_id: 'absent' })).rejects.toMatchObject({ code: 3000 });
  });

  it('delivers a message to all members but the sending connection, whose reply has the seq', async () => {
    const [alice, phone, bob] = await Promise.all(['alice', 'alice', 'bob'].map((user) => gateway.connect(user)));
    const room_id = await roomOf(alice!);
    await phone!.command('join_room', { room_id });
    await bob!.command('join_room', { room_id });
    const sent = await alice!.command('room_message', { room_id, content: { text: 'hi' } });
    expect(sent).toEqual({ room_id, seq: 1, epoch: expect.any(String), timestamp: expect.any(Number) });
    const push = {
      room_id,
      epoch: sent.epoch,
      seq: 1,
      sender_id: 'alice',
      sender_name: 'alice',
      content: { text: 'hi' },
      timestamp: sent.timestamp,
    };
    expect(await bob!.next('room_message')).toEqual(push);
    expect(await phone!.next('room_message')).toEqual(push);
    await alice!.settle();
    expect(alice!.pushes('room_message')).toEqual([]);
  });

  it('keeps every character of content: key order, number forms, escapes', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await roomOf(alice);
    await bob.command('join_room', { room_id });
    const content = '{"b":1.0,"1":12345678901234567890,"a":"\\u0041\\ud83d\\ude00"}';
    let raw = '';
    bob.socket.on(
      'message',
      (bytes: Buffer) => (raw = bytes.toString().includes('"room_message"') ? bytes.toString() : raw),
    );
    alice.sendFrame(
      `{"message_type":"room_message","message_id":"x","data":{"room_id":"${room_id}","content":${content}}}`,
    );
    await bob.next('room_message');
    expect(raw).toContain(`"content":${content}`);
    await alice.nextFrame((frame) => frame.request_id === 'x');
    bob.sendFrame({ message_type: 'room_history', message_id: 1000, data: { room_id } });
    let history = '';
    bob.socket.on('message', (bytes: Buffer) => (history += bytes.toString()));
    await bob.nextFrame((frame) => frame.request_id === 1000);
    expect(history).toContain(`"content":${content}`);
  });

  it('an ephemeral message has no seq, reaches members and is not kept', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await roomOf(alice);
    await bob.command('join_room', { room_id });
    const sent = await alice.command('room_message', { room_id, content: 'psst', ephemeral: true });
    expect(sent).not.toHaveProperty('seq');
    expect(await bob.next('room_message')).toMatchObject({ content: 'psst', ephemeral: true });
    expect((await bob.command('room_history', { room_id })).messages).toEqual([]);
  });

  it('a room with history none keeps and numbers nothing', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await roomOf(alice, { history: 'none' });
    await bob.command('join_room', { room_id });
    expect(await alice.command('room_message', { room_id, content: 1 })).not.toHaveProperty('seq');
    expect(await bob.next('room_message')).not.toHaveProperty('seq');
    const again = await gateway.connect('carol');
    expect(await again.command('join_room', { room_id, since: { epoch: 'x', seq: 3 } })).toMatchObject({
      recovered: false,
      missed: 0,
      messages: [],
    });
  });

  it('pages history both ways, oldest first', async () => {
    const alice = await gateway.connect('alice');
    const room_id = await roomOf(alice);
    for (let n = 1; n <= 7; n++) await alice.command('room_message', { room_id, content: n });
    const seqs = async (data: Record<string, unknown>) => {
      const page = await alice.command('room_history', { room_id, ...data } as never);
      return [page.messages.map((message) => message.seq), page.has_more];
    };
    expect(await seqs({ limit: 3 })).toEqual([[5, 6, 7], true]);
    expect(await seqs({ limit: 3, before: 5 })).toEqual([[2, 3, 4], true]);
    expect(await seqs({ limit: 3, before: 2 })).toEqual([[1], false]);
    expect(await seqs({ limit: 3, after: 0 })).toEqual([[1, 2, 3], true]);
    expect(await seqs({ limit: 3, after: 4 })).toEqual([[5, 6, 7], false]);
    expect(await seqs({ after: 7 })).toEqual([[], false]);
  });

  it('leave_room ends this connection only; a message to a room one is not in is 3003', async () => {
    const [one, two] = [await gateway.connect('alice'), await gateway.connect('alice')];
    const room_id = await roomOf(one);
    await two.command('join_room', { room_id });
    expect(await one.command('leave_room', { room_id })).toEqual({ room_id, status: 'left' });
    await expect(one.command('room_message', { room_id, content: 1 })).rejects.toMatchObject({ code: 3003 });
    await expect(one.command('leave_room', { room_id })).rejects.toMatchObject({ code: 3003 });
    expect(await two.command('room_message', { room_id, content: 1 })).toMatchObject({ seq: 1 });
  });

  it('capacity counts users, and is free again as soon as one has gone, however he went', async () => {
    const alice = await gateway.connect('alice');
    const room_id = await roomOf(alice, { max_clients: 2 });
    const bob = await gateway.connect('bob');
    await bob.command('join_room', { room_id });
    await (await gateway.connect('bob')).command('join_room', { room_id });
    const carol = await gateway.connect('carol');
    await expect(carol.command('join_room', { room_id })).rejects.toMatchObject({
      code: 3002,
      body: { retryable: true },
    });
    await alice.close();
    await carol.command('join_room', { room_id });
  });

  it('never exceeds capacity when many join at once', async () => {
    const owner = await gateway.connect('owner');
    const { room } = await owner.command('create_room', { max_clients: 5 });
    const clients = await Promise.all(Array.from({ length: 20 }, (_, n) => gateway.connect(`racer-${n}`)));
    const outcomes = await Promise.all(clients.map((client) => client.request('join_room', { room_id: room.id })));
    expect(outcomes.filter((frame) => frame.message_type === 'room_joined')).toHaveLength(5);
    expect(outcomes.filter((frame) => frame.data['code'] === 3002)).toHaveLength(15);
  });

  it('update_room is for the owner and admin:room; members are pushed the room', async () => {
    const [alice, bob, admin] = [
      await gateway.connect('alice'),
      await gateway.connect('bob'),
      await gateway.connect('root', { permissions: ['admin:room'] }),
    ];
    const room_id = await roomOf(alice);
    await bob.command('join_room', { room_id });
    await expect(bob.command('update_room', { room_id, name: 'mine' })).rejects.toMatchObject({ code: 2001 });
    expect((await alice.command('update_room', { room_id, name: 'ours' })).room).toMatchObject({
      id: room_id,
      name: 'ours',
    });
    expect(await bob.next('room_updated')).toMatchObject({ room: { name: 'ours' } });
    expect((await admin.command('update_room', { room_id, max_clients: 7 })).room).toMatchObject({
      name: 'ours',
      max_clients: 7,
    });
  });

  it('delete_room needs the permission and the ownership, tells members first, and frees the id for another epoch', async () => {
    const [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    const room_id = await roomOf(alice);
    const { epoch } = await bob.command('join_room', { room_id });
    await expect(bob.command('delete_room', { room_id })).rejects.toMatchObject({ code: 2001 });
    await alice.command('room_message', { room_id, content: 1 });
    expect(await alice.command('delete_room', { room_id })).toEqual({ room_id });
    expect(await bob.next('room_deleted')).toEqual({ room_id });
    await expect(bob.command('room_message', { room_id, content: 1 })).rejects.toMatchObject({
      code: expect.any(Number),
    });
    await expect(bob.command('room_history', { room_id })).rejects.toMatchObject({ code: 3000 });
    await alice.command('create_room', { room_id });
    const again = await bob.command('join_room', { room_id, since: { epoch, seq: 1 } });
    expect(again).toMatchObject({ seq: 0, recovered: false, missed: 0, messages: [] });
    expect(again.epoch).not.toBe(epoch);
  });

  it('list_rooms pages, filters by prefix and by membership, and hides private rooms', async () => {
    const [lister, other] = [await gateway.connect('lister'), await gateway.connect('other')];
    for (let n = 0; n < 5; n++)
      await lister.command('create_room', { room_id: `list-${n}`, visibility: n === 4 ? 'private' : 'public' });
    await other.command('join_room', { room_id: 'list-2' });
    const first = await other.command('list_rooms', { prefix: 'list-', limit: 3 });
    const second = await other.command('list_rooms', { prefix: 'list-', limit: 3, cursor: first.next_cursor! });
    expect([...first.rooms, ...second.rooms].map((room) => room.id)).toEqual(['list-0', 'list-1', 'list-2', 'list-3']);
    expect(second).not.toHaveProperty('next_cursor');
    expect((await lister.command('list_rooms', { prefix: 'list-' })).rooms.map((room) => room.id)).toContain('list-4');
    expect((await other.command('list_rooms', { joined: true })).rooms.map((room) => room.id)).toEqual(['list-2']);
  });

  it('a private room admits its owner and those who are invited', async () => {
    const [alice, bob, eve] = [
      await gateway.connect('alice'),
      await gateway.connect('bob'),
      await gateway.connect('eve'),
    ];
    const room_id = await roomOf(alice, { visibility: 'private' });
    await expect(eve.command('join_room', { room_id })).rejects.toMatchObject({ code: 2001 });
    await expect(eve.command('room_history', { room_id })).rejects.toMatchObject({ code: 2001 });
    await expect(eve.command('room_members', { room_id })).rejects.toMatchObject({ code: 2001 });
    await alice.command('set_member', { room_id, user_id: 'bob', role: 'invited' });
    await bob.command('join_room', { room_id });
  });

  it('a ban ends membership, and the banned may not join, read or post by any way', async () => {
    const [alice, eve] = [await gateway.connect('alice'), await gateway.connect('eve')];
    const room_id = await roomOf(alice);
    await eve.command('join_room', { room_id });
    await alice.command('set_member', { room_id, user_id: 'eve', role: 'banned', reason: 'spam' });
    expect(await eve.next('member_set')).toMatchObject({ room_id, user_id: 'eve', role: 'banned', reason: 'spam' });
    await expect(eve.command('room_message', { room_id, content: 1 })).rejects.toMatchObject({
      code: expect.any(Number),
    });
    await expect(eve.command('join_room', { room_id })).rejects.toMatchObject({ code: 2001 });
    const post = await gateway.fetch('POST', `/api/rooms/${room_id}/messages`, {
      token: gateway.token('eve'),
      body: { content: 1 },
    });
    expect(post.status).toBe(403);
    await alice.command('set_member', { room_id, user_id: 'eve', role: 'none' });
    await eve.command('join_room', { room_id });
  });

  it('roles act only on those below them, and never on the owner', async () => {
    const [alice, mod, mod2, bob, admin] = await Promise.all([
      gateway.connect('alice'),
      gateway.connect('mod'),
      gateway.connect('mod2'),
      gateway.connect('bob'),
      gateway.connect('root', ADMIN),
    ]);
    const room_id = await roomOf(alice);
    for (const client of [mod, mod2, bob]) await client.command('join_room', { room_id });
    const set = (client: TestClient, user_id: string, role: 'moderator' | 'member' | 'banned' | 'none') =>
      client.command('set_member', { room_id, user_id, role });
    await expect(set(bob, 'mod', 'banned')).rejects.toMatchObject({ code: 2001 });
    await set(alice, 'mod', 'moderator');
    await set(admin, 'mod2', 'moderator');
    await expect(set(mod, 'bob', 'moderator')).rejects.toMatchObject({ code: 2001 });
    await expect(set(mod, 'mod2', 'banned')).rejects.toMatchObject({ code: 2001 });
    await expect(set(mod, 'alice', 'banned')).rejects.toMatchObject({ code: 2001 });
    await expect(set(admin, 'alice', 'none')).rejects.toMatchObject({ code: 2001 });
    await expect(admin.command('kick_member', { room_id, user_id: 'alice' })).rejects.toMatchObject({ code: 2001 });
    await set(mod, 'bob', 'banned');
  });

  it('kick_member ends all the connections of a user in the room, who may come back', async () => {
    const [alice, one, two] = [
      await gateway.connect('alice'),
      await gateway.connect('bob'),
      await gateway.connect('bob'),
    ];
    const room_id = await roomOf(alice);
    await one.command('join_room', { room_id });
    await two.command('join_room', { room_id });
    expect(await alice.command('kick_member', { room_id, user_id: 'bob', reason: 'calm down' })).toEqual({
      room_id,
      user_id: 'bob',
      reason: 'calm down',
    });
    for (const client of [one, two]) {
      expect(await client.next('member_kicked')).toMatchObject({ user_id: 'bob' });
      await expect(client.command('room_message', { room_id, content: 1 })).rejects.toMatchObject({ code: 3003 });
    }
    await one.command('join_room', { room_id });
  });

  it('redact_message erases the content and keeps the seq', async () => {
    const [alice, bob, carol] = [
      await gateway.connect('alice'),
      await gateway.connect('bob'),
      await gateway.connect('carol'),
    ];
    const room_id = await roomOf(alice);
    for (const client of [bob, carol]) await client.command('join_room', { room_id });
    const { seq } = await bob.command('room_message', { room_id, content: 'oops' });
    await expect(carol.command('redact_message', { room_id, seq: seq! })).rejects.toMatchObject({ code: 2001 });
    await bob.command('redact_message', { room_id, seq: seq! });
    expect(await carol.next('message_redacted')).toEqual({ room_id, seq });
    const { messages } = await carol.command('room_history', { room_id });
    expect(messages).toEqual([expect.objectContaining({ seq, content: null, redacted: true })]);
    await expect(alice.command('redact_message', { room_id, seq: 99 })).rejects.toMatchObject({ code: 4003 });
  });

  it('limits the rooms of a connection and of an owner with 3005', async () => {
    const alice = await gateway.connect('limited');
    for (let n = 0; n < 5; n++) await roomOf(alice);
    const { room } = await alice.command('create_room', {});
    await expect(alice.command('join_room', { room_id: room.id })).rejects.toMatchObject({ code: 3005 });
    const hoarder = await gateway.connect('hoarder');
    for (let n = 0; n < 50; n++) await hoarder.command('create_room', {});
    await expect(hoarder.command('create_room', {})).rejects.toMatchObject({ code: 3005 });
  });

  it('mark_read counts what others wrote since, and tells the other devices', async () => {
    const [alice, bob, phone] = [
      await gateway.connect('alice'),
      await gateway.connect('bob'),
      await gateway.connect('bob'),
    ];
    const room_id = await roomOf(alice);
    await bob.command('join_room', { room_id });
    for (let n = 0; n < 3; n++) await alice.command('room_message', { room_id, content: n });
    await bob.command('room_message', { room_id, content: 'mine' });
    expect(await bob.command('mark_read', { room_id, seq: 1 })).toEqual({ room_id, seq: 1, unread: 2 });
    expect(await phone.next('marked_read')).toEqual({ room_id, seq: 1, unread: 2 });
    const { rooms } = await bob.command('list_rooms', { joined: true });
    expect(rooms.find((room) => room.id === room_id)).toMatchObject({ unread: 2 });
  });
});
