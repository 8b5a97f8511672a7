import type { Database } from '@hubbub/storage';
import { describeOnEveryDatabase } from '@hubbub/storage/testing';
import { IDEMPOTENCY_KEPT_MS } from './message-store.js';
import type { NewRoomMessage } from './messages.js';
import { RetentionStore } from './retention-store.js';
import { type OpenMessages, type OpenMessagesOptions, openMessages } from './testing/index.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

describeOnEveryDatabase('Retention', (openDatabase) => {
  let messages: OpenMessages;
  afterEach(() => messages.close());

  const open = async (options?: OpenMessagesOptions): Promise<void> => {
    messages = await openMessages({ open: openDatabase, ...options });
  };
  const post = (n: number, over: Partial<NewRoomMessage> = {}): NewRoomMessage => ({
    roomId: 'lobby',
    senderId: 'ann',
    senderName: 'Ann',
    contentJson: `${n}`,
    ...over,
  });
  const posts = (count: number, over?: Partial<NewRoomMessage>) =>
    Array.from({ length: count }, (_, n) => post(n, over));
  const count = async (table: string): Promise<number> => {
    const [row] = await messages.database.read((manager) => manager.query(`SELECT count(*) AS n FROM ${table}`));
    return (row as { n: number }).n;
  };

  it('keeps everything by default', async () => {
    await open();
    await messages.createRoom('lobby');
    await messages.store.append(posts(3), 1);
    await messages.retention.sweep(100 * 365 * DAY_MS);
    expect(await messages.log.head('lobby')).toMatchObject({ seq: 3, floor: 0 });
  });

  it('deletes messages over the age, of rooms and inboxes, and never a number', async () => {
    await open({ config: { history: { maxAgeS: 86_400 } } });
    await messages.createRoom('lobby');
    await messages.createRoom('quiet');
    const direct = { senderId: 'ann', senderName: 'Ann', targetId: 'bob', contentJson: '1' };
    await messages.store.append([...posts(1200), direct, post(1, { roomId: 'quiet' })], DAY_MS);
    await messages.store.append([post(1200), direct], 3 * DAY_MS);
    await messages.retention.sweep(3 * DAY_MS + 1);
    expect(await messages.log.head('lobby')).toMatchObject({ seq: 1201, floor: 1200 });
    expect(await messages.log.head('quiet')).toMatchObject({ seq: 1, floor: 1 });
    expect((await messages.log.history('lobby', { limit: 10 })).messages).toMatchObject([{ seq: 1201 }]);
    expect((await messages.log.history('lobby', { limit: 10 })).hasMore).toBe(false);
    expect((await messages.store.readInbox('bob', { limit: 10 })).messages).toMatchObject([{ seq: 2 }]);
    expect(await messages.log.append(post(0)).promise()).toMatchObject({ seq: 1202 });
  });

  it('keeps the newest messages of a room up to the number', async () => {
    await open({ config: { history: { maxMessages: 10 } } });
    await messages.createRoom('lobby');
    await messages.store.append(posts(1300), 1000);
    await messages.retention.sweep(2000 + MINUTE_MS);
    expect(await messages.log.head('lobby')).toMatchObject({ seq: 1300, floor: 1290 });
    expect(await count('room_message')).toBe(10);
  });

  // They were gone before a node that the bus told nothing had read them for its members.
  it('keeps what is younger than a minute, whatever the number and the age', async () => {
    await open({ config: { history: { maxMessages: 1, maxAgeS: 1 } } });
    await messages.createRoom('lobby');
    await messages.store.append(posts(600), 1000);
    await messages.store.append(posts(3), 5000);
    await messages.retention.sweep(5000 + MINUTE_MS);
    expect(await messages.log.head('lobby')).toMatchObject({ seq: 603, floor: 600 });
    await messages.retention.sweep(5001 + MINUTE_MS);
    expect(await messages.log.head('lobby')).toMatchObject({ seq: 603, floor: 603 });
  });

  it('loses nothing when two nodes delete while others write', async () => {
    await open();
    await messages.createRoom('lobby');
    await messages.store.append(posts(1100), 1000);
    const other = await openDatabase({ like: messages.database });
    const [log] = (await new RetentionStore(other, messages.outbox).logs(0)).logs;
    const prune = async (database: Database, keep: number) => {
      const store = new RetentionStore(database, messages.outbox);
      while ((await store.prune(log?.id ?? 0, { maxMessages: keep })).more);
    };
    const write = async () => {
      for (let n = 0; n < 20; n++) await messages.store.append([post(n)], 2000);
    };
    await Promise.all([prune(messages.database, 100), prune(other, 700), write(), prune(other, 50), write()]);
    const head = await messages.log.head('lobby');
    expect(head?.seq).toBe(1140);
    expect(head?.floor).toBeGreaterThanOrEqual(1050);
    const { messages: kept } = await messages.log.history('lobby', { limit: 200 });
    const expected = Array.from({ length: 1140 - (head?.floor ?? 0) }, (_, n) => (head?.floor ?? 0) + 1 + n);
    expect(kept.map(({ seq }) => seq)).toEqual(expected);
    await other.close();
  });

  it('takes deleted messages out of memory as well', async () => {
    await open({ config: { history: { maxMessages: 1 } } });
    await messages.createRoom('lobby');
    await Promise.all(posts(3).map((each) => messages.log.append(each).promise()));
    await messages.retention.sweep(Date.now() + 2 * MINUTE_MS);
    expect(await messages.log.find('lobby', 2)).toBeNull();
    expect(await messages.log.find('lobby', 3)).toMatchObject({ seq: 3 });
  });

  it('lets messages in while it deletes, a little at a time', async () => {
    await open({ config: { history: { maxMessages: 1 } } });
    await messages.createRoom('lobby');
    await messages.store.append(posts(3000), 1000);
    const order: string[] = [];
    const swept = messages.retention.sweep().then(() => order.push('swept'));
    await messages.log.append(post(0)).promise();
    order.push('appended');
    await swept;
    expect(order).toEqual(['appended', 'swept']);
  });

  it('deletes all that a deleted room left, and nothing of the one made again', async () => {
    await open();
    await messages.createRoom('lobby');
    await messages.store.append(
      posts(1500).map((each, n) => ({ ...each, idempotencyKey: `k${n}` })),
      Date.now(),
    );
    await messages.markers.mark('ann', { roomId: 'lobby' }, 3);
    await messages.removeRoom('lobby');
    await messages.createRoom('lobby');
    await messages.store.append([post(0, { idempotencyKey: 'k0' })], Date.now());
    await messages.retention.sweep();
    expect(await count('room_message')).toBe(1);
    expect(await count('idempotency_key')).toBe(1);
    expect(await count('read_marker')).toBe(0);
    expect(await messages.log.head('lobby')).toMatchObject({ seq: 1, floor: 0 });
  });

  it('deletes idempotency keys after 24 hours, though their messages stay', async () => {
    await open();
    await messages.createRoom('lobby');
    const keyed = (n: number) => post(n, { idempotencyKey: `k${n}` });
    await messages.store.append(
      Array.from({ length: 2500 }, (_, n) => keyed(n)),
      1000,
    );
    await messages.store.append([keyed(9000), keyed(9001)], 2000);
    await messages.retention.sweep(1001 + IDEMPOTENCY_KEPT_MS);
    expect(await count('idempotency_key')).toBe(2);
    expect(await count('room_message')).toBe(2502);
  });

  it('forgets rooms in memory that are not in use any more', async () => {
    let now = 0;
    await open({ tails: { idleMs: 1000, now: () => now } });
    await messages.createRoom('lobby');
    await messages.log.append(post(0)).promise();
    await messages.retention.sweep();
    expect(messages.tails.size).toBe(1);
    now = 5000;
    await messages.retention.sweep();
    expect(messages.tails.size).toBe(0);
  });
});
