import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';
import { expectAll, knowEachOther, numbers, upTo } from './cluster/numbers.js';
import { WatchedBus } from './cluster/watched-bus.js';

/** Direct messages over three nodes (PROTOCOL §3, §4). What is lost is looked for too late for a test: all of it is by the bus. */
describe('direct messages on three nodes', () => {
  let cluster: TestCluster;
  let buses: WatchedBus[];
  const clients: TestClient[] = [];

  beforeEach(async () => {
    buses = [];
    const wrap = (...[bus, nodeId]: ConstructorParameters<typeof WatchedBus>) => {
      const watched = new WatchedBus(bus, nodeId);
      buses.push(watched);
      return watched;
    };
    cluster = await startCluster(3, { cluster: { repairMs: 60_000, nodeTimeoutMs: 30_000 }, wrap });
    await knowEachOther(cluster);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await cluster.close();
  });

  /** One client a node that is named. */
  async function connect(user: string, ...nodes: number[]): Promise<TestClient[]> {
    const opened = await Promise.all(nodes.map((node) => cluster.node(node).connect(user)));
    clients.push(...opened);
    return opened;
  }
  const send = (client: TestClient, target_id: string, content: unknown, idempotency_key?: string) =>
    client.command('direct_message', { target_id, content, ...(idempotency_key && { idempotency_key }) });

  it('reach every connection of both users but the sending one, and the reply counts those of the target', async () => {
    const [ann, ...others] = (await connect('ann', 0, 0, 1)) as [TestClient, TestClient, TestClient];
    const bobs = await connect('bob', 0, 1, 2, 2);
    await send(others[1], 'cid', 0);
    const reply = await send(ann, 'bob', 'hi');
    expect(reply).toMatchObject({ target_id: 'bob', seq: 2, delivered: 4 });
    for (const bob of bobs) {
      expect(await bob.next('direct_message')).toEqual({
        ...{ sender_id: 'ann', sender_name: 'ann', target_id: 'bob', content: 'hi' },
        ...{ seq: 1, timestamp: reply.timestamp },
      });
    }
    await expectAll([ann, ...others], 'inbox', 2);
    expect(await send(ann, 'nobody', 1)).toMatchObject({ seq: 3, delivered: 0 });
    expect(await send(bobs[2] as TestClient, 'bob', 'note')).toMatchObject({ seq: 2, delivered: 3 });
    await expectAll(bobs, 'inbox', 2);
  });

  it('have one order in each inbox, replies in their places, whoever sends from wherever', async () => {
    const users = await Promise.all(['ann', 'bob', 'cid'].map((user) => connect(user, 0, 1, 2)));
    const [anns, bobs, cids] = users as [TestClient[], TestClient[], TestClient[]];
    const counts: Promise<number>[] = [];
    for (const n of upTo(12)) {
      for (const node of [0, 1, 2]) {
        for (const [from, to] of [
          [anns, 'bob'],
          [bobs, 'cid'],
          [cids, 'bob'],
        ] as const) {
          counts.push(send(from[node] as TestClient, to, `${node} ${n}`).then(({ delivered }) => delivered));
        }
      }
    }
    // On a machine with much else to do, somebody's count may come too late to be waited for.
    expect(Math.max(...(await Promise.all(counts)))).toBe(3);
    await expectAll(anns, 'inbox', 36);
    await expectAll(bobs, 'inbox', 108);
    await expectAll(cids, 'inbox', 72);
    const bySeq = new Map<number, unknown>();
    for (const { seq, content, sender_id } of bobs.flatMap((bob) => bob.pushes('direct_message'))) {
      const told = JSON.stringify([sender_id, content]);
      expect(bySeq.get(seq) ?? told).toBe(told);
      bySeq.set(seq, told);
    }
    expect(new Set(bySeq.values()).size).toBe(108);
  });

  it('with one key at two nodes at once are stored and delivered once', async () => {
    const anns = await connect('ann', 0, 1);
    const [bob] = (await connect('bob', 2)) as [TestClient];
    // What one node has stored the other hears of late.
    for (const bus of buses) bus.faults = { lose: 0, double: 0, delay: 0.5, maxDelayMs: 20 };
    for (const round of upTo(15)) {
      const replies = await Promise.all(anns.map((ann) => send(ann, 'bob', round, `key ${round}`)));
      expect(replies.map(({ seq }) => seq)).toEqual([round, round]);
      expect(replies.filter(({ duplicate }) => duplicate)).toHaveLength(1);
    }
    await expectAll([bob, ...anns], 'inbox', 15);
    for (const { frames } of anns) {
      for (const [at, { data }] of frames.entries()) {
        if (data['duplicate']) expect(frames.slice(0, at).map((frame) => frame.data['seq'])).toContain(data['seq']);
      }
    }
    expect(bob.pushes('direct_message').map(({ content }) => content)).toEqual(upTo(15));
  });

  it('of somebody who is blocked reach nobody, from whichever node, until he is blocked no more', async () => {
    const [here, there] = (await connect('victim', 0, 2)) as [TestClient, TestClient];
    const eves = await connect('eve', 1, 2);
    await here.command('block_user', { user_id: 'eve', blocked: true });
    for (const eve of eves) expect(await send(eve, 'victim', 'boo')).toMatchObject({ delivered: 0 });
    for (const victim of [here, there]) expect((await victim.command('inbox')).messages).toEqual([]);
    await there.command('block_user', { user_id: 'eve', blocked: false });
    for (const eve of eves) expect(await send(eve, 'victim', 'sorry')).toMatchObject({ delivered: 2 });
    await expectAll([here, there], 'inbox', 2);
    await expectAll(eves, 'inbox', 4);
  });

  it('are marked as read on all devices of a user', async () => {
    const [ann] = (await connect('ann', 0)) as [TestClient];
    const [one, two, three] = (await connect('bob', 0, 1, 1)) as [TestClient, TestClient, TestClient];
    for (const n of upTo(3)) await send(ann, 'bob', n);
    const marked = { peer_id: 'ann', seq: 2, unread: 1 };
    expect(await two.command('mark_read', { peer_id: 'ann', seq: 2 })).toEqual(marked);
    for (const other of [one, three]) expect(await other.next('marked_read')).toEqual(marked);
    await one.command('create_room', { room_id: 'lobby' });
    await three.command('mark_read', { room_id: 'lobby', seq: 9 });
    for (const other of [one, two]) expect(await other.next('marked_read')).toMatchObject({ room_id: 'lobby', seq: 0 });
    for (const client of [ann, two]) await client.settle();
    expect([ann.pushes('marked_read'), two.pushes('marked_read').length]).toEqual([[], 1]);
  });

  it('go to the nodes where their users are, and to no others', async () => {
    const [[ann], [bob], [cid]] = await Promise.all([connect('ann', 0), connect('b.*.> b', 1), connect('cid', 2)]);
    for (const n of upTo(10)) await send(ann as TestClient, 'b.*.> b', n);
    await expectAll([ann, bob] as TestClient[], 'inbox', 10);
    expect(buses.map((bus) => bus.deliveriesOf('hubbub.sync.user.'))).toEqual([0, 10, 0]);
    const subjects = ['ann', 'b=2E=2A=2E=3E=20b', 'cid'].map((key) => `hubbub.sync.user.${key}`);
    for (const [at, subject] of subjects.entries()) {
      expect(buses.map((bus) => bus.follows(subject))).toEqual([0, 1, 2].map((node) => node === at));
    }
    await ann?.command('direct_message', { target_id: 'cid', content: 'hello' });
    await cid?.next('direct_message');
    expect(buses.map((bus) => bus.deliveriesOf('hubbub.sync.user.'))).toEqual([0, 10, 1]);
  });

  it('that a node has not heard of are there for who comes to it from another one', async () => {
    const [ann] = (await connect('ann', 0)) as [TestClient];
    const [old, bob] = (await connect('bob', 2, 1)) as [TestClient, TestClient];
    buses[2]?.loseEverything();
    for (const n of upTo(5)) await send(ann, 'bob', n);
    await expectAll([bob], 'inbox', 5);
    expect(numbers(old, 'inbox')).toEqual([]);
    const [late] = (await connect('bob', 2)) as [TestClient];
    expect(await late.next('connected')).toMatchObject({ inbox_seq: 5 });
    await expectAll([old], 'inbox', 5);
    expect(numbers(late, 'inbox')).toEqual([]);
  });

  it('are counted where they can be, when a node or the bus is away', async () => {
    const [ann, ben] = (await connect('ann', 0, 0)) as [TestClient, TestClient];
    const bobs = await connect('bob', 0, 1, 2);
    await cluster.kill(2);
    const replies = await Promise.all(upTo(20).map((n) => send(ann, 'bob', n)));
    expect(replies.map(({ delivered }) => delivered)).toEqual(replies.map(() => 2));
    buses[0]?.loseEverything();
    expect(await send(ann, 'bob', 21)).toMatchObject({ delivered: 1 });
    buses[0]?.partition();
    expect(await send(ann, 'bob', 22)).toMatchObject({ delivered: 1 });
    buses[0]?.behave();
    buses[0]?.heal();
    // It was silent, so nobody waits for it; what it lacks it notices by this one, and then it is counted again.
    expect(await send(ann, 'bob', 23)).toMatchObject({ delivered: 1 });
    await expectAll([ann, ben, ...bobs.slice(0, 2)], 'inbox', 23);
    expect(await send(ann, 'bob', 24)).toMatchObject({ delivered: 2 });
  });
});
