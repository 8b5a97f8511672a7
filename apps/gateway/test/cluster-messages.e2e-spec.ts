import { recordRoom, startCluster, type TestClient, type TestCluster } from '@hubbub/testing';
import { knowEachOther, numbers, upTo } from './cluster/numbers.js';
import { WatchedBus } from './cluster/watched-bus.js';

/** Messages of rooms over three nodes (PROTOCOL §7). What is lost is looked for too late for a test: all of it is by the bus. */
describe('messages of a room on three nodes', () => {
  let cluster: TestCluster;
  const buses: WatchedBus[] = [];
  let room_id: string;
  let made = 0;

  beforeAll(async () => {
    const wrap = (...[bus, nodeId]: ConstructorParameters<typeof WatchedBus>) => {
      const watched = new WatchedBus(bus, nodeId);
      buses.push(watched);
      return watched;
    };
    const config = { cluster: { repairMs: 60_000 }, presence: { graceMs: 0, coalesceMs: 5 } };
    cluster = await startCluster(3, { ...config, wrap });
    await knowEachOther(cluster);
  });
  afterAll(() => cluster.close());
  beforeEach(async () => {
    room_id = `room-${++made}`;
    await (await cluster.connect(0, 'owner')).command('create_room', { room_id });
  });
  afterEach(() => cluster.closeClients());

  const enter = (node: number, user: string) => cluster.enter(node, user, room_id);
  const post = (client: TestClient, content: unknown) => client.command('room_message', { room_id, content });
  const everywhere = (user: string) => Promise.all([0, 1, 2].map((node) => enter(node, user)));

  it('have one order, the same for all, whichever node took them', async () => {
    const senders = await Promise.all([0, 1, 2].map((node) => enter(node, `sender${node}`)));
    const readers = await everywhere('reader');
    const sent = await Promise.all(
      upTo(40).flatMap((n) =>
        senders.map(async (sender, who) => [`${who} ${n}`, (await post(sender, `${who} ${n}`)).seq] as const),
      ),
    );
    await recordRoom([...senders, ...readers], room_id).expectNoLoss();
    const order = readers[0]?.pushes('room_message').map(({ content }) => content) ?? [];
    for (const reader of readers) expect(reader.pushes('room_message').map(({ content }) => content)).toEqual(order);
    for (const [content, seq] of sent) expect(order[(seq ?? 0) - 1]).toBe(content);
    for (const who of [0, 1, 2]) {
      expect(order.filter((content) => String(content).startsWith(`${who} `))).toEqual(
        upTo(40).map((n) => `${who} ${n}`),
      );
    }
  });

  it('of one user who sends at two nodes without waiting keep the order of each connection', async () => {
    const [one, two, reader] = await Promise.all([enter(0, 'ann'), enter(1, 'ann'), enter(2, 'reader')]);
    await Promise.all(upTo(60).flatMap((n) => [post(one, `one ${n}`), post(two, `two ${n}`)]));
    await recordRoom([one, two, reader], room_id).expectNoLoss();
    for (const name of ['one', 'two']) {
      const own = reader.pushes('room_message').filter(({ content }) => String(content).startsWith(name));
      expect(own.map(({ content }) => content)).toEqual(upTo(60).map((n) => `${name} ${n}`));
    }
  });

  it('with one key at two nodes at once are stored once', async () => {
    const [one, two, reader] = await Promise.all([enter(0, 'ann'), enter(1, 'ann'), enter(2, 'reader')]);
    for (let round = 1; round <= 20; round++) {
      const message = { room_id, content: round, idempotency_key: `key ${round}` };
      const replies = await Promise.all([one, two].map((client) => client.command('room_message', message)));
      expect(replies.map(({ seq }) => seq)).toEqual([round, round]);
      expect(replies.filter(({ duplicate }) => duplicate)).toHaveLength(1);
    }
    await recordRoom([reader], room_id).expectNoLoss();
    expect(reader.pushes('room_message').map(({ content }) => content)).toEqual(upTo(20));
  });

  it('that nobody keeps reach all members, and nobody later', async () => {
    const [ann, bob, cid] = await Promise.all([enter(0, 'ann'), enter(1, 'bob'), enter(2, 'cid')]);
    const reply = await ann.command('room_message', { room_id, content: 'typing', ephemeral: true });
    expect(reply).not.toHaveProperty('seq');
    for (const client of [bob, cid]) {
      expect(await client.next('room_message')).toEqual({
        ...{ room_id, epoch: reply.epoch, sender_id: 'ann', sender_name: 'ann', content: 'typing' },
        ...{ timestamp: reply.timestamp, ephemeral: true },
      });
    }
    expect((await bob.command('room_history', { room_id })).messages).toEqual([]);
    expect((await post(bob, 'kept')).seq).toBe(1);
    await recordRoom([ann, bob, cid], room_id).expectNoLoss();
  });

  it('are erased at all nodes, wherever that is asked for', async () => {
    const members = [await enter(0, 'ann'), await enter(1, 'owner'), await enter(2, 'cid')] as const;
    for (const content of ['secret', 'fine']) await post(members[0], content);
    await recordRoom(members, room_id).expectNoLoss();
    await members[1].command('redact_message', { room_id, seq: 1 });
    for (const member of [members[0], members[2]]) {
      expect(await member.next('message_redacted')).toMatchObject({ room_id, seq: 1 });
    }
    for (const [node, member] of members.entries()) {
      const { messages } = await member.command('room_history', { room_id });
      const late = await cluster.connect(node, `late${node}`);
      const joined = await late.command('join_room', { room_id });
      for (const found of [messages, joined.messages]) {
        expect(found.map(({ content, redacted }) => [content, redacted])).toEqual([
          [null, true],
          ['fine', undefined],
        ]);
      }
    }
  });

  it('are complete for who comes back to another node while others send', async () => {
    const senders = [await enter(0, 'ann'), await enter(1, 'bob')];
    const over = new AbortController();
    const sending = senders.map(async (sender) => {
      for (let n = 0; !over.signal.aborted; n++) await Promise.all([post(sender, n), post(sender, -n)]);
    });
    const got: number[] = [];
    let first = 0;
    let since: { epoch: string; seq: number } | undefined;
    for (let round = 0; round < 9; round++) {
      const client = await cluster.connect(round % 3, 'nomad');
      const { recovered, epoch, seq, messages } = await client.command('join_room', {
        room_id,
        ...(since === undefined ? { history: 0 } : { since }),
      });
      if (since === undefined) first = seq + 1;
      else expect(recovered).toBe(true);
      const fresh = () => [...messages.map((message) => message.seq ?? 0), ...numbers(client, { room_id })];
      await client.until(() => numbers(client, { room_id }).length >= 5);
      await client.vanish();
      got.push(...fresh());
      since = { epoch, seq: fresh().at(-1) ?? seq };
    }
    over.abort();
    await Promise.all(sending);
    expect(got).toEqual(upTo(since?.seq ?? 0, first));
  });

  it('go to the nodes with members alone, again after one has come back', async () => {
    const subject = `hubbub.sync.room.${room_id}`;
    const bus = buses[2] as WatchedBus;
    const [ann, bob] = await Promise.all([enter(0, 'ann'), enter(1, 'bob')]);
    for (const n of upTo(10)) await post(n % 2 ? ann : bob, n);
    await recordRoom([ann, bob], room_id).expectNoLoss();
    expect([bus.follows(subject), bus.deliveriesOf(subject)]).toEqual([false, 0]);
    expect(buses[0]?.deliveriesOf(subject)).toBeGreaterThan(0);

    const cid = await enter(2, 'cid');
    await post(ann, 11);
    expect(await cid.next('room_message')).toMatchObject({ seq: 11 });
    await cid.command('leave_room', { room_id });
    expect(bus.follows(subject)).toBe(true);
    await bus.dropped(subject);
    const before = bus.deliveriesOf(subject);
    for (const n of upTo(20, 12)) await post(ann, n);
    await recordRoom([ann, bob], room_id).expectNoLoss();
    expect(bus.deliveriesOf(subject)).toBe(before);

    expect((await cid.command('join_room', { room_id })).seq).toBe(20);
    await post(bob, 21);
    expect(await cid.next('room_message')).toMatchObject({ seq: 21 });
  });
});
