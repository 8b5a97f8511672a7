import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';

/** PROTOCOL §4 (presence), §3 (set_presence, watch_online), and SEEDS 5. */
describe('presence', () => {
  let gateway: TestGateway;
  let watcher: TestClient;
  let room_id: string;
  let made = 0;

  beforeAll(async () => {
    gateway = await startGateway({ presence: { coalesceMs: 20, graceMs: 200, listMax: 4 } });
  });
  afterAll(() => gateway.close());
  beforeEach(async () => {
    watcher = await gateway.connect('watcher');
    room_id = `presence-${++made}`;
    await watcher.command('create_room', { room_id });
    await watcher.command('join_room', { room_id });
    await watcher.next('presence', ({ member_count }) => member_count === 1);
  });
  afterEach(() => watcher.close());

  const joinAs = (user: string) => gateway.enter(user, room_id);
  const ids = (members: readonly { user_id: string }[]) => members.map((member) => member.user_id);

  it('tells members who joined and who left', async () => {
    const bob = await joinAs('bob');
    const joined = await watcher.next('presence');
    expect(joined).toEqual({
      room_id,
      joined: [{ user_id: 'bob', username: 'bob', connections: 1, joined_at: expect.any(Number) }],
      left: [],
      updated: [],
      member_count: 2,
    });
    await bob.close();
    expect(await watcher.next('presence')).toMatchObject({ left: [{ user_id: 'bob' }], member_count: 1 });
  });

  it('several connections of a user are one member, who leaves with the last', async () => {
    const [one, two] = [await joinAs('bob'), await joinAs('bob')];
    expect(ids((await watcher.next('presence')).joined)).toEqual(['bob']);
    const { members, member_count } = await watcher.command('room_members', { room_id });
    expect([members.find((member) => member.user_id === 'bob')?.connections, member_count]).toEqual([2, 2]);
    await one.close();
    await two.command('leave_room', { room_id });
    expect(await watcher.next('presence')).toMatchObject({ joined: [], left: [{ user_id: 'bob' }], member_count: 1 });
  });

  it('puts the changes of a moment in one push', async () => {
    await Promise.all(['u1', 'u2'].map(joinAs));
    await watcher.until(() => watcher.pushes('presence').at(-1)?.member_count === 3);
    const seen = watcher.pushes('presence').slice(1);
    expect(seen.flatMap((push) => ids(push.joined)).sort()).toEqual(['u1', 'u2']);
  });

  it('SEEDS 5: a connection that vanished keeps its member until the grace has passed, then leaves', async () => {
    const bob = await joinAs('bob');
    await watcher.next('presence');
    await bob.vanish();
    expect((await watcher.command('room_members', { room_id })).member_count).toBe(2);
    expect(await watcher.next('presence')).toMatchObject({ left: [{ user_id: 'bob' }], member_count: 1 });
  });

  it('who comes back within the grace was never seen to leave', async () => {
    const bob = await joinAs('bob');
    await watcher.next('presence');
    await bob.vanish();
    await joinAs('bob');
    await joinAs('later');
    expect(ids((await watcher.next('presence')).joined)).toEqual(['later']);
    expect(watcher.pushes('presence').flatMap((push) => push.left)).toEqual([]);
  });

  it('set_presence belongs to the user and reaches the members, with a room or in all', async () => {
    const bob = await joinAs('bob');
    await watcher.next('presence');
    expect(await bob.command('set_presence', { room_id, state: { typing: true } })).toEqual({ room_id });
    expect(await watcher.next('presence')).toMatchObject({
      updated: [{ user_id: 'bob', state: { typing: true } }],
      joined: [],
    });
    expect(await bob.command('set_presence', { state: { away: true } })).toEqual({});
    expect(await watcher.next('presence')).toMatchObject({ updated: [{ user_id: 'bob', state: { away: true } }] });
    await expect(bob.command('set_presence', { room_id: 'elsewhere', state: {} })).rejects.toMatchObject({
      code: expect.any(Number),
    });
    await expect(bob.command('set_presence', { state: { big: 'x'.repeat(1024) } })).rejects.toMatchObject({
      code: 1001,
    });
  });

  it('in a room above list_max only the count is sent', async () => {
    for (const user of ['u1', 'u2', 'u3']) await joinAs(user);
    await watcher.until(() => watcher.pushes('presence').at(-1)?.member_count === 4);
    await joinAs('u4');
    expect(await watcher.next('presence', ({ member_count }) => member_count === 5)).toMatchObject({
      joined: [],
      left: [],
      updated: [],
    });
  });

  it('watch_online answers with the users connected, and pushes changes until it is switched off', async () => {
    const { count } = await watcher.command('watch_online', { enabled: true });
    const one = await gateway.connect('online-1');
    expect(await watcher.next('online')).toEqual({ count: count + 1 });
    const again = await gateway.connect('online-1');
    await again.close();
    await one.close();
    expect(await watcher.next('online')).toEqual({ count });
    await watcher.command('watch_online', { enabled: false });
  });
});
