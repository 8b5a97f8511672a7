import { seededRandom, startCluster, type TestClient, type TestCluster } from '@hubbub/testing';

/** Who is there, as members at other nodes see it (PROTOCOL §4). */

const ids = (members: readonly { user_id: string }[]) => members.map(({ user_id }) => user_id).sort();

describe('presence of two nodes', () => {
  let cluster: TestCluster;
  let watcher: TestClient;
  let room_id: string;
  let made = 0;

  beforeAll(async () => {
    cluster = await startCluster(3, {
      presence: { coalesceMs: 5, graceMs: 400 },
      cluster: { repairMs: 150, nodeTimeoutMs: 3000 },
    });
  });
  afterAll(() => cluster.close());
  beforeEach(async () => {
    watcher = await cluster.connect(0, 'watcher');
    room_id = `presence-${++made}`;
    await watcher.command('create_room', { room_id });
    await watcher.command('join_room', { room_id });
    await watcher.next('presence', ({ member_count }) => member_count === 1);
  });
  afterEach(() => cluster.closeClients());

  const enter = (node: number, user: string) => cluster.enter(node, user, room_id);
  const comings = () =>
    watcher
      .pushes('presence')
      .slice(1)
      .flatMap(({ joined }) => ids(joined));
  const goings = () => watcher.pushes('presence').flatMap(({ left }) => ids(left));

  it('tells who comes, changes and goes at the other', async () => {
    const bob = await enter(1, 'bob');
    expect(await watcher.next('presence')).toEqual({
      room_id,
      joined: [{ user_id: 'bob', username: 'bob', connections: 1, joined_at: expect.any(Number) }],
      left: [],
      updated: [],
      member_count: 2,
    });
    await bob.command('set_presence', { room_id, state: { mood: 'busy' } });
    expect((await watcher.next('presence')).updated).toMatchObject([{ user_id: 'bob', state: { mood: 'busy' } }]);
    await bob.command('leave_room', { room_id });
    expect(await watcher.next('presence')).toMatchObject({ left: [{ user_id: 'bob' }], member_count: 1 });
  });

  it('shows whoever joins all members with their states and connections', async () => {
    await watcher.command('set_presence', { room_id, state: { mood: 'calm' } });
    await enter(0, 'watcher');
    const bob = await cluster.connect(1, 'bob');
    const { members, member_count } = await bob.command('join_room', { room_id });
    expect(member_count).toBe(2);
    expect(members).toMatchObject([
      { user_id: 'bob', connections: 1 },
      { user_id: 'watcher', connections: 2, state: { mood: 'calm' } },
    ]);
    expect(ids((await bob.next('presence')).joined)).toEqual(['bob']);
  });

  it('a user at both is one member, who comes once and goes once, with the connections of both', async () => {
    const [one, two] = [await enter(1, 'bob'), await enter(2, 'bob')];
    const three = await enter(1, 'bob');
    const connectionsOfBob = async () => {
      const { members } = await watcher.command('room_members', { room_id });
      return members.find(({ user_id }) => user_id === 'bob')?.connections;
    };
    while ((await connectionsOfBob()) !== 3) await watcher.settle();
    await one.command('leave_room', { room_id });
    await two.command('leave_room', { room_id });
    while ((await connectionsOfBob()) !== 1) await watcher.settle();
    await three.command('leave_room', { room_id });
    await watcher.next('presence', ({ left }) => ids(left).includes('bob'));
    expect([comings(), goings()]).toEqual([['bob'], ['bob']]);
  });

  it('who comes back at the other within the grace was never seen to leave, and leaves there at once', async () => {
    const lost = await enter(1, 'bob');
    await watcher.next('presence', ({ joined }) => ids(joined).includes('bob'));
    await lost.vanish();
    const back = await cluster.connect(2, 'bob');
    const { members } = await back.command('join_room', { room_id });
    expect(ids(members)).toEqual(['bob', 'watcher']);
    // Longer than the grace: somebody else's has passed.
    const other = await enter(1, 'other');
    await other.vanish();
    await watcher.next('presence', ({ left }) => ids(left).includes('other'));
    expect([comings(), goings()]).toEqual([['bob', 'other'], ['other']]);
    const before = watcher.pushes('presence').length;
    await back.command('leave_room', { room_id });
    await watcher.until(() => watcher.pushes('presence').length > before);
    expect(goings()).toEqual(['other', 'bob']);
  });

  it('a state is set from a connection that is at another node, in one room and in all', async () => {
    const desk = await cluster.connect(1, 'bob');
    await enter(2, 'bob');
    await desk.command('set_presence', { room_id, state: { mood: 'away' } });
    const has = (mood: string) => (push: { updated: readonly { user_id: string; state?: object }[] }) =>
      push.updated.some(({ user_id, state }) => user_id === 'bob' && (state as { mood?: string })?.mood === mood);
    await watcher.next('presence', has('away'));
    await desk.command('set_presence', { state: { mood: 'gone' } });
    await watcher.next('presence', has('gone'));
    const stranger = await cluster.connect(1, 'stranger');
    await expect(stranger.command('set_presence', { room_id, state: {} })).rejects.toMatchObject({ code: 3003 });
  });

  it('takes an id for an id, whatever else it means in JavaScript', async () => {
    await enter(1, '__proto__');
    const twin = await enter(2, '__proto__');
    await twin.command('set_presence', { state: { mood: 'calm' } });
    const stateOf = async () => {
      const { members } = await watcher.command('room_members', { room_id });
      return members.find(({ user_id }) => user_id === '__proto__');
    };
    for (;;) {
      const member = await stateOf();
      if (member?.connections === 2 && member.state !== undefined) break;
      await watcher.settle();
    }
    expect(await stateOf()).toMatchObject({ connections: 2, state: { mood: 'calm' } });
  });

  it('a state for all rooms holds in those that are joined later at another node', async () => {
    const desk = await cluster.connect(1, 'bob');
    await desk.command('set_presence', { state: { mood: 'everywhere' } });
    await enter(2, 'bob');
    const isThere = async () => {
      const { members } = await watcher.command('room_members', { room_id });
      return (members.find(({ user_id }) => user_id === 'bob')?.state as { mood?: string })?.mood === 'everywhere';
    };
    while (!(await isThere())) await watcher.settle();
  });
});

describe('presence over a bus that loses, doubles and delays', () => {
  const FAULTS = { lose: 0.2, double: 0.1, delay: 0.3 };
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster(3, {
      presence: { coalesceMs: 5, graceMs: 100 },
      cluster: { repairMs: 150, nodeTimeoutMs: 5000 },
      faults: { ...FAULTS, seed: 4711 },
    });
  });
  afterAll(() => cluster.close());

  // States were told four times, and never again.
  it('tells states as soon as it carries anything again, however long it lost everything', async () => {
    const room_id = 'silent';
    const [ann, bob, cid, desk] = await Promise.all([
      cluster.node(0).connect('ann'),
      cluster.node(1).connect('bob'),
      cluster.node(0).connect('cid'),
      cluster.node(2).connect('cid'),
    ]);
    await ann.command('create_room', { room_id });
    for (const client of [ann, bob, cid]) await client.command('join_room', { room_id });
    for (const bus of cluster.buses) bus.loseEverything();
    const lost = cluster.buses.map(({ counts }) => counts.lost);
    await ann.command('set_presence', { room_id, state: { n: 1 } });
    await desk.command('set_presence', { state: { n: 2 } });
    while (cluster.buses.some(({ counts }, index) => counts.lost < (lost[index] as number) + 12)) await ann.settle();
    for (const bus of cluster.buses) bus.faults = { ...FAULTS };
    for (const reader of [ann, bob]) {
      for (;;) {
        const { members } = await reader.command('room_members', { room_id });
        if (members.map(({ state }) => JSON.stringify(state)).join() === '{"n":1},,{"n":2}') break;
        await reader.settle();
      }
    }
    for (const client of [ann, bob, cid, desk]) await client.close();
  });

  it('comes to what is true at every node, and nobody comes or goes twice', async () => {
    const room_id = 'stormy';
    const watchers = await Promise.all([0, 1, 2].map((node) => cluster.node(node).connect(`watcher${node}`)));
    await watchers[0]?.command('create_room', { room_id });
    for (const watcher of watchers) await watcher.command('join_room', { room_id });
    const random = seededRandom(99);
    const walkers = await Promise.all(
      Array.from({ length: 9 }, async (_, n) => {
        const client = await cluster.node(n % 3).connect(`walker${n}`);
        return { client, user: `walker${n}`, isIn: false, step: 0 };
      }),
    );
    for (let round = 0; round < 12; round++) {
      await Promise.all(
        walkers.map(async (walker) => {
          if (walker.isIn && random() < 0.5) {
            await walker.client.command('set_presence', { room_id, state: { step: ++walker.step } });
            return;
          }
          await walker.client.command(walker.isIn ? 'leave_room' : 'join_room', { room_id });
          walker.isIn = !walker.isIn;
          if (walker.isIn) await walker.client.command('set_presence', { room_id, state: { step: ++walker.step } });
        }),
      );
    }
    const inside = walkers.filter(({ isIn }) => isIn);
    const truth = [
      ...inside.map(({ user, step }) => `${user} ${step}`),
      ...[0, 1, 2].map((node) => `watcher${node} -`),
    ].sort();
    for (const watcher of watchers) {
      for (;;) {
        const { members } = await watcher.command('room_members', { room_id });
        const seen = members.map(({ user_id, state }) => `${user_id} ${(state as { step?: number })?.step ?? '-'}`);
        if (seen.sort().join() === truth.join()) break;
        await watcher.settle();
      }
      // The pushes say the same once the last has come: not their count alone, as one may go while another comes.
      const expected = inside.map(({ user }) => user).join();
      await watcher.until(() => walkersAfter(watcher.pushes('presence')).there.join() === expected);
      expect(walkersAfter(watcher.pushes('presence')).twice).toEqual([]);
    }
  });
});

type Comings = readonly { joined: readonly { user_id: string }[]; left: readonly { user_id: string }[] }[];

/** The walkers that are there by what was told, and those of whom was told that they came while there, or went while not. */
function walkersAfter(pushes: Comings): { there: string[]; twice: string[] } {
  const there = new Set<string>();
  const twice: string[] = [];
  for (const { joined, left } of pushes) {
    for (const user of walkerIds(joined)) {
      if (there.has(user)) twice.push(`${user} came`);
      there.add(user);
    }
    for (const user of walkerIds(left)) if (!there.delete(user)) twice.push(`${user} went`);
  }
  return { there: [...there].sort(), twice };
}

const walkerIds = (members: readonly { user_id: string }[]) => ids(members).filter((user) => user.startsWith('walker'));
