import { takeForDead } from '@hubbub/hubbub/testing';
import { type CommandError, startCluster, type TestClient, type TestCluster } from '@hubbub/testing';

/** Seats, rooms and moderation of three nodes that are one (PROTOCOL §3, §5, §6). */

const CONFIG = {
  presence: { coalesceMs: 5, graceMs: 60_000 },
  cluster: { repairMs: 100, nodeTimeoutMs: 1500 },
};
const ids = (members: readonly { user_id: string }[]) => members.map(({ user_id }) => user_id).sort();
const refusal = (command: Promise<unknown>) =>
  command.then(
    () => 0,
    (error: CommandError) => error.code,
  );

describe('three nodes', () => {
  let cluster: TestCluster;
  let owner: TestClient;
  let room_id: string;
  let made = 0;

  beforeAll(async () => {
    cluster = await startCluster(3, CONFIG);
  });
  afterAll(() => cluster.close());
  beforeEach(async () => {
    owner = await cluster.connect(0, 'owner');
    room_id = `room-${++made}`;
    await owner.command('create_room', { room_id, max_clients: 5 });
  });
  afterEach(() => cluster.closeClients());

  const enter = (node: number, user: string) => cluster.enter(node, user, room_id);

  it('let exactly as many in as there are seats, of users who come at the same moment, again and again', async () => {
    const users = await Promise.all(Array.from({ length: 30 }, (_, n) => cluster.connect(n % 3, `racer${n}`)));
    for (let round = 0; round < 5; round++) {
      const room = { room_id: `${room_id}-${round}` };
      await owner.command('create_room', { ...room, max_clients: 10 });
      const codes = await Promise.all(users.map((user) => refusal(user.command('join_room', room))));
      expect(codes.filter((code) => code === 0)).toHaveLength(10);
      expect(new Set(codes)).toEqual(new Set([0, 3002]));
      const inside = users.filter((_, index) => codes[index] === 0);
      await inside[0]?.command('leave_room', room);
      await users[codes.indexOf(3002)]?.command('join_room', room);
    }
  });

  it('count a user with connections at two of them once', async () => {
    await owner.command('update_room', { room_id, max_clients: 1 });
    const [one, two] = [await enter(0, 'ann'), await enter(1, 'ann')];
    const bob = await cluster.connect(2, 'bob');
    expect(await refusal(bob.command('join_room', { room_id }))).toBe(3002);
    await one.command('leave_room', { room_id });
    expect(await refusal(bob.command('join_room', { room_id }))).toBe(3002);
    await two.command('leave_room', { room_id });
    await bob.command('join_room', { room_id });
  });

  it('list rooms and members alike, whether they have members of them or not', async () => {
    await Promise.all([enter(0, 'ann'), enter(0, 'bob'), enter(1, 'bob'), enter(1, 'cid')]);
    const outsider = await cluster.connect(2, 'bob');
    const { members, member_count } = await outsider.command('room_members', { room_id });
    expect(members.map(({ user_id, connections }) => [user_id, connections])).toEqual([
      ['ann', 1],
      ['bob', 2],
      ['cid', 1],
    ]);
    expect(member_count).toBe(3);
    const first = await outsider.command('room_members', { room_id, limit: 2 });
    const rest = await outsider.command('room_members', { room_id, limit: 2, cursor: first.next_cursor ?? '' });
    expect([ids(first.members), ids(rest.members), rest.next_cursor]).toEqual([['ann', 'bob'], ['cid'], undefined]);
    for (const node of [0, 1, 2]) {
      const token = cluster.node(node).token('bob');
      const path = `/api/rooms/${room_id}`;
      expect((await cluster.node(node).fetch('GET', path, { token })).body).toMatchObject({ member_count: 3 });
      const listed = await cluster.node(node).fetch<object[]>('GET', `/api/rooms?prefix=${room_id}`, { token });
      expect(listed.body).toMatchObject([{ member_count: 3 }]);
      expect((await cluster.node(node).fetch('GET', `${path}/members`, { token })).body).toMatchObject({
        member_count: 3,
        members: [{ user_id: 'ann' }, { user_id: 'bob' }, { user_id: 'cid' }],
      });
    }
    const { rooms } = await outsider.command('list_rooms', { joined: true });
    expect(rooms).toMatchObject([{ id: room_id, member_count: 3 }]);
    const updated = await outsider.command('list_rooms', { prefix: room_id });
    expect(updated.rooms).toMatchObject([{ member_count: 3 }]);
  });

  it('kick at once, from wherever it is said, all connections of a user, and tell the members why', async () => {
    const [ann, one, two] = await Promise.all([enter(1, 'ann'), enter(1, 'bob'), enter(2, 'bob')]);
    expect(await refusal(owner.command('kick_member', { room_id, user_id: 'nobody' }))).toBe(3003);
    await owner.command('kick_member', { room_id, user_id: 'bob', reason: 'spam' });
    for (const client of [ann, one, two]) {
      expect(await client.next('member_kicked')).toEqual({ room_id, user_id: 'bob', reason: 'spam' });
    }
    for (const bob of [one, two])
      expect(await refusal(bob.command('room_message', { room_id, content: 1 }))).toBe(3003);
    await ann.next('presence', ({ left }) => ids(left).includes('bob'));
    expect(await refusal(owner.command('kick_member', { room_id, user_id: 'bob' }))).toBe(3003);
    await two.command('join_room', { room_id });
    await ann.next('presence', ({ joined }) => ids(joined).includes('bob'));
    await two.command('room_message', { room_id, content: 'back' });
  });

  it('kick once whom all of them kick at the same moment, from all of them', async () => {
    const [ann, ...bobs] = [await enter(1, 'ann'), await enter(0, 'bob'), await enter(1, 'bob'), await enter(2, 'bob')];
    const owners = [owner, await cluster.connect(1, 'owner'), await cluster.connect(2, 'owner')];
    await ann.until(() => ann.pushes('presence').at(-1)?.member_count === 2);
    const kicks = owners.map((each) => refusal(each.command('kick_member', { room_id, user_id: 'bob' })));
    expect((await Promise.all(kicks)).sort()).toEqual([0, 3003, 3003]);
    await ann.next('presence', ({ left }) => ids(left).includes('bob'));
    for (const bob of bobs) expect(await refusal(bob.command('room_message', { room_id, content: 1 }))).toBe(3003);
    await ann.settle();
    expect([ann, ...bobs].map((client) => client.pushes('member_kicked').length)).toEqual([1, 1, 1, 1]);
    expect(ann.pushes('presence').flatMap(({ left }) => ids(left))).toEqual(['bob']);
    expect(ids((await owner.command('room_members', { room_id })).members)).toEqual(['ann']);
  });

  it('ban who is joining at another of them: whichever comes first, he is not in', async () => {
    const ann = await enter(1, 'ann');
    const names = Array.from({ length: 10 }, (_, n) => `late${n}`);
    const lates = await Promise.all(names.map((name) => cluster.connect(2, name)));
    await Promise.all(
      lates.map(async (late, n) => {
        const ban = owner.command('set_member', { room_id, user_id: names[n] as string, role: 'banned' });
        await Promise.all([refusal(late.command('join_room', { room_id })), ban]);
        expect(await refusal(late.command('room_message', { room_id, content: 1 }))).not.toBe(0);
        expect(await refusal(late.command('join_room', { room_id }))).toBe(2001);
      }),
    );
    for (const reader of [ann, owner]) {
      while ((await reader.command('room_members', { room_id })).member_count > 1) await reader.settle();
      expect(ids((await reader.command('room_members', { room_id })).members)).toEqual(['ann']);
    }
  });

  it('ban, change and delete at once from wherever it is said', async () => {
    const [ann, bob] = await Promise.all([enter(1, 'ann'), enter(2, 'bob')]);
    await owner.command('set_member', { room_id, user_id: 'bob', role: 'banned' });
    expect(await bob.next('member_set')).toMatchObject({ user_id: 'bob', role: 'banned' });
    expect(await refusal(bob.command('join_room', { room_id }))).toBe(2001);
    const posted = await cluster.node(1).fetch('POST', `/api/rooms/${room_id}/messages`, {
      token: cluster.node(1).token('bob'),
      body: { content: 1 },
    });
    expect(posted.status).toBe(403);
    await owner.command('update_room', { room_id, name: 'New' });
    expect((await ann.next('room_updated')).room).toMatchObject({ name: 'New', member_count: 1 });
    await owner.command('delete_room', { room_id });
    expect(await ann.next('room_deleted')).toEqual({ room_id });
    expect(await refusal(bob.command('join_room', { room_id }))).toBe(3000);
    await owner.command('create_room', { room_id });
    expect(await ann.command('join_room', { room_id })).toMatchObject({ seq: 0, member_count: 1 });
  });

  it('free the seats of one that died; its members leave once', async () => {
    const watcher = await enter(1, 'watcher');
    await Promise.all([enter(2, 'ann'), enter(2, 'bob'), enter(1, 'bob')]);
    await watcher.until(() => watcher.pushes('presence').at(-1)?.member_count === 3);
    await owner.command('update_room', { room_id, max_clients: 3 });
    await cluster.kill(2);
    const left = await watcher.next('presence', (push) => push.left.length > 0);
    expect([ids(left.left), left.member_count]).toEqual([['ann'], 2]);
    await (await cluster.connect(0, 'cid')).command('join_room', { room_id });
    await watcher.next('presence', ({ joined }) => ids(joined).includes('cid'));
    expect(watcher.pushes('presence').flatMap((push) => ids(push.left))).toEqual(['ann']);
    await cluster.restart(2);
    const again = await cluster.connect(2, 'ann');
    expect(await refusal(again.command('join_room', { room_id }))).toBe(3002);
  });

  it('one that was taken for dead takes its seats anew; who has lost his is told to come back', async () => {
    const [watcher, ann, bob] = [await enter(1, 'watcher'), await enter(2, 'ann'), await enter(2, 'bob')];
    await watcher.until(() => watcher.pushes('presence').at(-1)?.member_count === 3);
    // There is a seat for only one of the two.
    await owner.command('update_room', { room_id, max_clients: 2 });
    await takeForDead(cluster.nodeId(2), cluster.node(0).app);
    const lost = await Promise.race([ann, bob].map(async (client) => ({ client, ...(await client.closed) })));
    expect([lost.client.pushes('draining').length, lost.code]).toEqual([1, 1012]);
    const kept = lost.client === ann ? bob : ann;
    await kept.command('room_message', { room_id, content: 'still here' });
    expect((await watcher.next('room_message')).content).toBe('still here');
    const { members } = await watcher.command('room_members', { room_id });
    await watcher.until(() => watcher.pushes('presence').at(-1)?.member_count === 2);
    expect(members.length).toBeGreaterThanOrEqual(2);
    expect(watcher.pushes('member_kicked')).toEqual([]);
    expect([...kept.pushes('member_kicked'), ...kept.pushes('draining')]).toEqual([]);
  });
});

describe('three nodes whose bus loses everything', () => {
  let cluster: TestCluster;
  let owner: TestClient;
  let ann: TestClient;
  let bob: TestClient;
  let room_id: string;
  let made = 0;

  beforeAll(async () => {
    cluster = await startCluster(3, { ...CONFIG, faults: { lose: 1 } });
  });
  afterAll(() => cluster.close());
  beforeEach(async () => {
    room_id = `silent-${++made}`;
    owner = await cluster.node(0).connect('owner');
    await owner.command('create_room', { room_id });
    ann = await cluster.node(1).connect('ann');
    bob = await cluster.node(2).connect('bob');
    for (const client of [ann, bob]) await client.command('join_room', { room_id });
    await ann.next('presence', ({ member_count }) => member_count === 2);
  });
  afterEach(async () => {
    for (const client of [owner, ann, bob]) await client.close();
  });

  it('a kick holds, and the members see him leave', async () => {
    const kick = owner.command('kick_member', { room_id, user_id: 'bob', reason: 'spam' });
    expect(await bob.next('member_kicked')).toEqual({ room_id, user_id: 'bob' });
    expect(ids((await ann.next('presence', ({ left }) => left.length > 0)).left)).toEqual(['bob']);
    expect(await refusal(bob.command('room_message', { room_id, content: 1 }))).toBe(3003);
    await kick;
    await bob.command('join_room', { room_id });
  });

  it('a ban holds at once where he comes anew, and soon where he is', async () => {
    const late = await cluster.node(0).connect('late');
    // It has him and his role in mind.
    await late.command('join_room', { room_id });
    await late.command('leave_room', { room_id });
    const acts = ['bob', 'late'].map((user_id) => owner.command('set_member', { room_id, user_id, role: 'banned' }));
    await bob.next('member_kicked');
    await Promise.all(acts);
    for (const client of [bob, late]) expect(await refusal(client.command('join_room', { room_id }))).toBe(2001);
    await late.close();
  });

  it('an update arrives, and a deletion', async () => {
    const update = owner.command('update_room', { room_id, name: 'New', max_clients: 2 });
    expect((await ann.next('room_updated')).room).toMatchObject({ name: 'New', max_clients: 2, member_count: 2 });
    expect((await bob.next('room_updated')).room.name).toBe('New');
    await update;
    const deletion = owner.command('delete_room', { room_id });
    for (const client of [ann, bob]) expect(await client.next('room_deleted')).toEqual({ room_id });
    await deletion;
    expect(await refusal(ann.command('join_room', { room_id }))).toBe(3000);
  });

  it('what is redacted goes from the screens of all, each message once', async () => {
    for (const content of ['secret', 'fine', 'secret too']) await ann.command('room_message', { room_id, content });
    await bob.next('room_message', ({ seq }) => seq === 3);
    const acts = [1, 3].map((seq) => owner.command('redact_message', { room_id, seq }));
    for (const client of [ann, bob]) {
      await client.until(() => client.pushes('message_redacted').length === 2);
    }
    await Promise.all(acts);
    const update = owner.command('update_room', { room_id, name: 'Read once more' });
    for (const client of [ann, bob]) {
      await client.next('room_updated');
      const redacted = client.pushes('message_redacted').sort((a, b) => a.seq - b.seq);
      expect(redacted).toEqual([1, 3].map((seq) => ({ room_id, seq })));
      const { messages } = await client.command('room_history', { room_id });
      expect(messages.map(({ content }) => content)).toEqual([null, 'fine', null]);
    }
    await update;
  });

  it('a room made again under the same id is another one for all', async () => {
    const remake = owner
      .command('delete_room', { room_id })
      .then(() => owner.command('create_room', { room_id, name: 'Second' }));
    await ann.next('room_deleted');
    await remake;
    expect((await ann.command('join_room', { room_id })).room.name).toBe('Second');
    expect((await bob.next('room_deleted')).room_id).toBe(room_id);
  });
});

describe('a node that has not heard of anything since', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    const deaf = { ...CONFIG, cluster: { ...CONFIG.cluster, repairMs: 60_000 } };
    cluster = await startCluster(2, { ...deaf, faults: { lose: 1 } });
  });
  afterAll(() => cluster.close());

  // He was answered, and the message stood in a room that he may not even see.
  it('posts nothing into a room that was made again under the same id', async () => {
    const room = { room_id: 'r' };
    const [owner, bob] = [await cluster.node(0).connect('owner'), await cluster.node(1).connect('bob')];
    await owner.command('create_room', room);
    await bob.command('join_room', room);
    const deletion = owner.command('delete_room', room);
    const remaker = await cluster.node(0).connect('owner');
    while (await refusal(remaker.command('create_room', { ...room, visibility: 'private' })));
    expect(await refusal(bob.command('room_message', { ...room, content: 'hello' }))).toBe(3000);
    expect((await remaker.command('room_history', room)).messages).toEqual([]);
    await deletion;
  });
});
