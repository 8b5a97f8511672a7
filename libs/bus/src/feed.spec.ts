import { roomFeedSubject } from '@hubbub/protocol';
import type { Subscription } from './bus.js';
import { Feed, type FeedNote, type FeedOptions } from './feed.js';
import { MemoryBroker } from './memory/memory-broker.js';
import { MemoryBus } from './memory/memory-bus.js';
import { NodeInfo } from './node-info.js';

interface Said extends FeedNote {
  readonly kind: 'said';
  readonly what: string;
}

const said = (what: string): Said => ({ kind: 'said', what });

/** A memory bus whose broker can be away. */
class MoodyBus extends MemoryBus {
  isAway = false;

  override subscribe(...args: Parameters<MemoryBus['subscribe']>): Promise<Subscription> {
    return this.isAway ? Promise.reject(new Error('away')) : super.subscribe(...args);
  }

  override publish(...args: Parameters<MemoryBus['publish']>): void {
    if (this.isAway) throw new Error('away');
    super.publish(...args);
  }
}

function node(
  nodeId: string,
  broker: MemoryBroker,
  { clustered = true, ...options }: FeedOptions & { clustered?: boolean } = {},
) {
  const bus = new MoodyBus(nodeId, broker);
  const feed = new Feed(bus, new NodeInfo(nodeId, '1', clustered), roomFeedSubject, options);
  const heard: string[] = [];
  feed.on<Said>('said', (id, { what }, from) => heard.push(`${from} in ${id}: ${what}`));
  return { bus, feed, heard };
}

/** Nodes with ids that must not be mistaken for one another. */
function setUp(options: FeedOptions = {}) {
  const broker = new MemoryBroker();
  const [a, b] = [node('a', broker, options), node('a said "b"\n', broker, options)];
  return { broker, a, b, subscribed: (id: string) => broker.subscribersOf(roomFeedSubject(id)).length };
}

/** Everything published so far has arrived. */
const arrived = () => new Promise((resolve) => setImmediate(resolve));

describe('Feed', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] }));
  afterEach(() => jest.useRealTimers());

  it('tells the other nodes that follow, and nobody else', async () => {
    const { a, b, subscribed } = setUp();
    await a.feed.follow('lobby');
    await b.feed.follow('lobby');
    await a.feed.follow('other');
    a.feed.publish('lobby', said('hello'));
    b.feed.publish('lobby', said('welcome'));
    b.feed.publish('nobody', said('unheard'));
    await arrived();
    expect(a.heard).toEqual(['a said "b"\n in lobby: welcome']);
    expect(b.heard).toEqual(['a in lobby: hello']);
    expect([subscribed('lobby'), subscribed('other'), subscribed('nobody')]).toEqual([2, 1, 0]);
  });

  it('carries texts as they are', async () => {
    const { a, b } = setUp();
    const texts: string[] = [];
    b.feed.onText('raw', (_id, text) => texts.push(text));
    await b.feed.follow('lobby');
    for (const text of ['', 'two\nlines ', '名前 \u{1F600}', '{"a": 1.0}']) a.feed.publishText('lobby', 'raw', text);
    await arrived();
    expect(texts).toEqual(['', 'two\nlines ', '名前 \u{1F600}', '{"a": 1.0}']);
  });

  it('ignores kinds that it does not know, and has one handler a kind', async () => {
    const { a, b } = setUp();
    await b.feed.follow('lobby');
    a.feed.publish('lobby', { kind: 'of the future' });
    a.feed.publish('lobby', said('known'));
    await arrived();
    expect(b.heard).toEqual(['a in lobby: known']);
    expect(() => b.feed.on('said', () => {})).toThrow(/handler already/);
  });

  it('keeps one subscription for many users, and a while longer than the last of them', async () => {
    const { a, subscribed } = setUp({ lingerMs: 5000 });
    await Promise.all([a.feed.follow('lobby'), a.feed.follow('lobby')]);
    a.feed.unfollow('lobby');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(subscribed('lobby')).toBe(1);
    a.feed.unfollow('lobby');
    await jest.advanceTimersByTimeAsync(4900);
    expect(subscribed('lobby')).toBe(1);
    await a.feed.follow('lobby');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(subscribed('lobby')).toBe(1);
    a.feed.unfollow('lobby');
    await jest.advanceTimersByTimeAsync(5000);
    expect([subscribed('lobby'), a.feed.size]).toEqual([0, 0]);
  });

  it('lets no more than so many subscriptions linger: the oldest end', async () => {
    const { a, subscribed } = setUp({ maxLingering: 2 });
    for (const id of ['1', '2', '3', '4']) await a.feed.follow(id);
    for (const id of ['4', '3', '2']) a.feed.unfollow(id);
    expect(['1', '2', '3', '4'].map(subscribed)).toEqual([1, 1, 1, 0]);
  });

  it('does not hear of what it unfollowed and follows again more than once', async () => {
    const { a, b } = setUp({ maxLingering: 0 });
    await b.feed.follow('lobby');
    b.feed.unfollow('lobby');
    await b.feed.follow('lobby');
    a.feed.publish('lobby', said('once'));
    await arrived();
    expect(b.heard).toHaveLength(1);
  });

  it('throws at nobody while the bus is away or closed', async () => {
    const { a, b } = setUp();
    b.bus.isAway = true;
    await b.feed.follow('lobby');
    b.feed.publish('lobby', said('lost'));
    b.feed.unfollow('lobby');
    b.feed.close();
    await a.bus.close();
    await a.feed.follow('lobby');
    a.feed.publish('lobby', said('lost'));
    expect([a.heard, b.heard]).toEqual([[], []]);
  });

  it('ends its subscriptions when it is closed', async () => {
    const { a, subscribed } = setUp();
    await a.feed.follow('lobby');
    await a.feed.follow('left');
    a.feed.unfollow('left');
    a.feed.close();
    await a.feed.follow('late');
    expect(['lobby', 'left', 'late'].map(subscribed)).toEqual([0, 0, 0]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('costs a lone node nothing', async () => {
    const broker = new MemoryBroker();
    const { feed, bus } = node('a', broker, { clustered: false });
    const publish = jest.spyOn(bus, 'publish');
    await feed.follow('lobby');
    feed.publish('lobby', said('hello'));
    expect(broker.subscribersOf(roomFeedSubject('lobby'))).toEqual([]);
    expect(publish).not.toHaveBeenCalled();
    expect(feed.shared).toBe(false);
  });
});
