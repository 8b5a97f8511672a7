import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import type { TapItem } from '@hubbub/protocol';
import {
  startCluster,
  type TestClient,
  type TestCluster,
  type TestClusterOptions,
  type TestGateway,
} from '@hubbub/testing';
import { Connections } from '@hubbub/transport';
import { TapSources } from './tap-sources.service.js';

const ADMIN = { permissions: ['admin:system'] };
const MARKER = 'MARKER-4711';

/** What a tap has shown so far, and its end. */
class Tapping {
  private constructor(
    readonly root: TestClient,
    private readonly id: number,
  ) {}

  static async start(root: TestClient, data: object): Promise<Tapping> {
    const id = root.frames.length + 1000;
    root.sendFrame({ message_type: 'tap', message_id: id, data });
    const tapping = new Tapping(root, id);
    await root.until(() => tapping.frames.length > 0, 'the first frame of the tap');
    return tapping;
  }

  get frames() {
    return this.root.frames.filter(({ request_id }) => request_id === this.id);
  }

  get items(): TapItem[] {
    return this.frames
      .filter(({ message_type }) => message_type === 'tap_item')
      .map(({ data }) => data as unknown as TapItem);
  }

  async until(matches: (item: TapItem) => boolean, what = 'an item'): Promise<TapItem> {
    await this.root.until(() => this.items.some(matches), what);
    return this.items.find(matches) as TapItem;
  }

  async cancel(): Promise<object | undefined> {
    await this.root.command('cancel', { request_id: this.id });
    return this.frames.at(-1);
  }
}

describe.each([1, 2])('a tap, on %i nodes', (count) => {
  let cluster: TestCluster;
  let root: TestClient;
  let owner: TestClient;
  const far = count - 1;

  const options: TestClusterOptions = { presence: { graceMs: 0, coalesceMs: 10 } };
  const watching = () => cluster.nodes.map(sourcesOf).reduce((sum, size) => sum + size, 0);
  const tap = (data: object) => Tapping.start(root, data);

  beforeAll(async () => {
    cluster = await startCluster(count, options);
    root = await cluster.connect(0, 'root', ADMIN);
    owner = await cluster.connect(far, 'owner');
    await owner.command('create_room', { room_id: 'lobby' });
    await owner.command('join_room', { room_id: 'lobby' });
  });
  afterAll(() => cluster.close());

  it('of a room shows its messages, comings, goings and changes, once each, and nothing of what they say', async () => {
    const tapping = await tap({ room_id: 'lobby' });
    expect(tapping.items[0]).toMatchObject({ type: 'tap_started', direction: 'event', nodes: count });
    const guest = await cluster.enter(far, 'guest', 'lobby');
    await guest.command('room_message', { room_id: 'lobby', content: { text: MARKER } });
    await guest.command('room_message', { room_id: 'lobby', content: MARKER, ephemeral: true });
    const { body } = await cluster.node(0).fetch<{ seq: number }>('POST', '/api/rooms/lobby/messages', {
      token: cluster.node(0).token('owner'),
      body: { content: MARKER },
    });
    await owner.command('redact_message', { room_id: 'lobby', seq: body.seq });
    await owner.command('update_room', { room_id: 'lobby', name: MARKER });
    await owner.command('set_member', { room_id: 'lobby', user_id: 'guest', role: 'member', reason: MARKER });
    await owner.command('kick_member', { room_id: 'lobby', user_id: 'guest', reason: MARKER });
    await tapping.until(({ type }) => type === 'room_left');
    await tapping.until(({ type }) => type === 'member_kicked');
    // Each node hands over what it has gathered in its own time.
    await tapping.until(({ type, seq }) => type === 'room_message' && seq === 2);
    await tapping.cancel();
    const seen = tapping.items.slice(1).map(({ type, user_id, room_id, seq }) => [type, user_id, room_id, seq]);
    expect(seen.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ['member_kicked', 'guest', 'lobby', undefined],
      ['member_set', 'guest', 'lobby', undefined],
      ['message_redacted', 'owner', 'lobby', 2],
      ['room_joined', 'guest', 'lobby', undefined],
      ['room_left', 'guest', 'lobby', undefined],
      ['room_message', 'guest', 'lobby', undefined],
      ['room_message', 'guest', 'lobby', 1],
      ['room_message', 'owner', 'lobby', 2],
      ['room_updated', 'owner', 'lobby', undefined],
    ]);
    const [message] = tapping.items.filter(({ seq }) => seq === 1);
    expect(message).toEqual({
      at: expect.any(Number),
      node_id: cluster.nodeId(far),
      direction: 'event',
      connection_id: expect.any(String),
      user_id: 'guest',
      type: 'room_message',
      room_id: 'lobby',
      seq: 1,
      bytes: Buffer.byteLength(JSON.stringify({ text: MARKER })),
    });
    expect(JSON.stringify(tapping.frames)).not.toContain(MARKER);
  });

  it('of a user shows what he sends, how it ended, and what he is sent; from connections that come later too', async () => {
    const before = await cluster.connect(0, 'alice');
    const tapping = await tap({ user_id: 'alice' });
    await before.request('join_room', { room_id: MARKER });
    const later = await cluster.connect(far, 'alice');
    await later.command('join_room', { room_id: 'lobby' });
    await later.command('room_message', { room_id: 'lobby', content: MARKER });
    await owner.command('room_message', { room_id: 'lobby', content: MARKER });
    await owner.command('direct_message', { target_id: 'alice', content: MARKER });
    later.sendFrame(`{"no envelope": "${MARKER}"}`);
    await later.command('authenticate', { token: cluster.node(far).token('alice') });
    await later.request('room_message', { room_id: `${MARKER} is no id`, content: MARKER });
    const last = ({ type, code }: TapItem) => type === 'room_message' && code === 1001;
    await tapping.until(last);
    await tapping.until(({ direction, type }) => direction === 'out' && type === 'direct_message');
    expect(await tapping.cancel()).toMatchObject({ message_type: 'done', data: { cancelled: true } });
    const has = (item: Partial<TapItem>) => expect(tapping.items).toContainEqual(expect.objectContaining(item));
    has({ direction: 'in', user_id: 'alice', type: 'join_room', code: 3000, node_id: cluster.nodeId(0) });
    has({ direction: 'in', user_id: 'alice', type: 'room_message', room_id: 'lobby', code: 0 });
    has({ direction: 'in', type: '', code: 1001 });
    has({ direction: 'out', type: 'authenticated' });
    has({ direction: 'out', type: 'room_joined', room_id: 'lobby' });
    has({ direction: 'out', type: 'room_message', room_id: 'lobby', node_id: cluster.nodeId(far) });
    has({ direction: 'out', type: 'error' });
    // The room that there is none of has it as its id, and is named by it.
    const others = tapping.frames.filter(({ data }) => (data as { room_id?: string }).room_id !== MARKER);
    expect(JSON.stringify(others)).not.toContain(MARKER);
    expect(cluster.nodes.every(({ app }) => everyWatcher(app.get(Connections, { strict: false })) === 0)).toBe(true);
  });

  it('shows what is said where that is asked for, but no token, and nothing that is long', async () => {
    const alice = await cluster.connect(far, 'alice');
    const token = cluster.node(far).token('alice');
    const tapping = await tap({ user_id: 'alice', content: true });
    await alice.command('authenticate', { token });
    await alice.command('join_room', { room_id: 'lobby' });
    await alice.command('room_message', { room_id: 'lobby', content: MARKER });
    await alice.command('room_message', { room_id: 'lobby', content: 'x'.repeat(5000) });
    const said = await tapping.until(({ direction, type }) => direction === 'in' && type === 'room_message');
    expect(said.data).toEqual({ room_id: 'lobby', content: MARKER });
    const long = await tapping.until(({ direction, bytes }) => direction === 'in' && bytes > 5000);
    expect(long).not.toHaveProperty('data');
    await tapping.cancel();
    expect(JSON.stringify(tapping.frames)).not.toContain(token);
    const audit = await cluster.node(0).fetch<{ entries: object[] }>('GET', '/api/operator/audit?limit=1', {
      token: cluster.node(0).token('root', ADMIN),
    });
    expect(audit.body.entries).toMatchObject([
      { action: 'tap', target: { user_id: 'alice' }, details: { content: true }, outcome: 'done' },
    ]);
  });

  it('of oneself does not show that it shows', async () => {
    const tapping = await tap({ user_id: 'root' });
    await root.command('ping');
    await tapping.until(({ type }) => type === 'pong');
    await tapping.cancel();
    expect(tapping.items.filter(({ type }) => type === 'tap_item')).toEqual([]);
  });

  it('is for admin:system, of one room or one user', async () => {
    expect((await owner.request('tap', { room_id: 'lobby' })).data).toMatchObject({ code: 2001 });
    for (const data of [{}, { room_id: 'lobby', user_id: 'a' }, { room_id: 'lobby', sample: 0 }, { user_id: 7 }]) {
      expect([data, (await root.request('tap', data)).data]).toMatchObject([data, { code: 1001 }]);
    }
  });

  it('is one of five at a node, and makes room when it ends: by cancel, or with its connection', async () => {
    const other = await cluster.connect(0, 'root', ADMIN);
    const own = [await tap({ room_id: 'a' }), await tap({ room_id: 'b' })];
    for (const room_id of ['c', 'd', 'e']) await Tapping.start(other, { room_id });
    expect(watching()).toBe(5 * count);
    const { data } = await root.request('tap', { room_id: 'f' });
    expect(data).toMatchObject({ name: 'RateLimited', message: expect.stringContaining('5 taps') });
    await other.close();
    for (const tapping of own) await tapping.cancel();
    const again = await tap({ room_id: 'f' });
    expect(again.items[0]).toMatchObject({ type: 'tap_started' });
    await again.cancel();
    while (watching() > 0) await root.settle();
  });

  it('is bounded under a flood, which all get as without it', async () => {
    const people = await Promise.all([0, 1].map((n) => cluster.enter(far, `p${n}`, 'lobby')));
    const tapping = await tap({ room_id: 'lobby' });
    const [sender, reader] = people as [TestClient, TestClient];
    for (let n = 0; n < 5000; n++) {
      sender.sendFrame({ message_type: 'room_message', data: { room_id: 'lobby', content: n, ephemeral: true } });
    }
    await reader.until(() => reader.pushes('room_message').length >= 5000, 'all of the flood');
    await sender.settle();
    const { seq } = await sender.command('room_message', { room_id: 'lobby', content: 'after' });
    await tapping.until((item) => item.seq === seq || (item.skipped ?? 0) > 0);
    await tapping.cancel();
    const shown = tapping.items.filter(({ type }) => type === 'room_message').length;
    expect(shown).toBeGreaterThan(10);
    expect(shown).toBeLessThan(1000);
  });
});

describe('a tap over nodes that come and go', () => {
  it('is heard of by a node that comes, and forgotten where the node of its operator has died', async () => {
    await using cluster = await startCluster(2, {
      log: { level: 'fatal' },
      cluster: { nodeTimeoutMs: 1000, repairMs: 200 },
    });
    const root = await cluster.connect(0, 'root', ADMIN);
    const tapping = await Tapping.start(root, { room_id: 'lobby' });
    expect(tapping.items[0]?.nodes).toBe(2);
    const third = await cluster.add();
    const owner = await third.connect('owner');
    await owner.command('create_room', { room_id: 'lobby' });
    while (sourcesOf(third) === 0) await owner.settle();
    await owner.command('join_room', { room_id: 'lobby' });
    await tapping.until(({ type, node_id }) => type === 'room_joined' && node_id === 'n3');
    await cluster.kill(0);
    while (sourcesOf(third) > 0) await owner.settle();
    expect(sourcesOf(third)).toBe(0);
  });
});

describeWithBroker('nats', 'a tap over NATS', () => {
  it('brings what another node sees', async () => {
    const broker = await BrokerProcess.start('nats');
    const cluster = await startCluster(2, { bus: { type: 'nats', url: broker.url } });
    const root = await cluster.connect(0, 'root', ADMIN);
    const tapping = await Tapping.start(root, { user_id: 'alice' });
    expect(tapping.items[0]?.nodes).toBe(2);
    const alice = await cluster.connect(1, 'alice');
    await alice.command('ping');
    expect(await tapping.until(({ type }) => type === 'ping')).toMatchObject({
      node_id: 'n2',
      direction: 'in',
      code: 0,
    });
    await cluster.close();
    await broker.remove();
  });
});

function everyWatcher(connections: Connections): number {
  return [...connections.all()].filter(({ watcher }) => watcher !== null).length;
}

function sourcesOf({ app }: TestGateway): number {
  return app.get(TapSources, { strict: false }).size;
}
