import type { Connection } from './connection.js';
import { Push } from './push.js';
import type { RawClient } from './testing/raw-client.js';
import { RawSocket } from './testing/raw-socket.js';
import { WireApp } from './testing/wire-harness.js';

const KIB = 1024;

describe('a reader that stalls (PROTOCOL §7.8)', () => {
  const LIMIT = 64 * KIB;
  const FILLER = 'x'.repeat(48 * KIB);
  let node: WireApp;
  let stalled: RawSocket;
  let slow: Connection;
  let healthy: RawClient[];
  let ended: Promise<{ code: number; clean: boolean }>;

  beforeEach(async () => {
    node = await WireApp.start({ limits: { sendBufferBytes: LIMIT, commandsBurst: 10_000 } });
    stalled = await RawSocket.connect(node.ws, { authorization: 'Bearer stalled' });
    healthy = [await node.connect('alice'), await node.connect('bob')];
    slow = node.of('stalled');
    ended = node.ended(slow);
  });
  afterEach(async () => {
    stalled.socket.destroy();
    await node.stop();
  });

  const pushToAll = (n: number, droppable = false): void => {
    const push = new Push('broadcast', `{"n":${n},"filler":"${FILLER}"}`, { droppable });
    for (const connection of node.connections.all()) connection.send(push);
  };
  /** Pushes one at a time, each read by everybody who reads, until `enough`. Returns how many. */
  async function pushUntil(enough: () => boolean, droppable = false): Promise<number> {
    let n = 0;
    while (!enough()) {
      if (n === 1000) throw new Error('the reader never fell behind');
      pushToAll(++n, droppable);
      await Promise.all(healthy.map((client) => client.next('broadcast', ({ data }) => data.n === n)));
    }
    return n;
  }

  it('is the only one that is cut, with 4001, and never owed more than the limits say', async () => {
    let mostOwed = 0;
    const sent = await pushUntil(() => {
      mostOwed = Math.max(mostOwed, slow.backlogBytes);
      return !slow.isOpen;
    });
    expect(await ended).toEqual({ code: 4001, clean: true });
    expect(mostOwed).toBeGreaterThan(LIMIT);
    expect(mostOwed).toBeLessThanOrEqual(4 * LIMIT + 49 * KIB);
    for (const { frames } of healthy) {
      const numbers = frames.filter(({ message_type }) => message_type === 'broadcast').map(({ data }) => data.n);
      expect(numbers).toEqual(Array.from({ length: sent }, (_, at) => at + 1));
    }
    expect(node.metrics.slowConsumers.value).toBe(1);
    expect([...node.connections.all()].map(({ identity }) => identity?.userId)).toEqual(['alice', 'bob']);
  });

  it('gets the close frame if it reads again', async () => {
    await pushUntil(() => !slow.isOpen);
    const closeFrame = `${String.fromCharCode(4001 >> 8, 4001 & 255)}slow consumer`;
    await expect(stalled.until(closeFrame)).resolves.toBeUndefined();
  });

  it('is left out of ephemeral pushes first, and stays below the limit by that', async () => {
    await pushUntil(() => node.metrics.dropped.value > 0, true);
    const dropped = node.metrics.dropped.value;
    const owed = slow.backlogBytes;
    expect(owed).toBeLessThanOrEqual(LIMIT);
    for (let n = 0; n < 20; n++) pushToAll(10_000 + n, true);
    await healthy[0]?.next('broadcast', ({ data }) => data.n === 10_019);
    expect(node.metrics.dropped.value).toBe(dropped + 20);
    expect(slow.backlogBytes).toBe(owed);
    const last = stalled.until('"n":20000');
    // It reads again in time: it was not cut, and gets what comes.
    while (slow.backlogBytes > 0) await new Promise(setImmediate);
    expect(slow.isOpen).toBe(true);
    pushToAll(20_000, true);
    expect(node.metrics.dropped.value).toBe(dropped + 20);
    await last;
  });

  it('is cut after a second over the limit, when nothing more is sent', async () => {
    await pushUntil(() => slow.backlogBytes > LIMIT);
    expect(slow.isOpen).toBe(true);
    const owed = slow.backlogBytes;
    expect(owed).toBeLessThan(4 * LIMIT);
    expect(await ended).toEqual({ code: 4001, clean: true });
  });

  it('does not pile up answers to its pings', async () => {
    await pushUntil(() => node.metrics.dropped.value > 0, true);
    const framesBefore = slow.bytesRead;
    for (let i = 0; i < 1000; i++) stalled.sendFrame(9, 'x'.repeat(100));
    while (slow.isOpen && slow.bytesRead < framesBefore + 100_000) await new Promise(setImmediate);
    expect(slow.bytesRead).toBeGreaterThanOrEqual(framesBefore + 100_000);
    expect(slow.backlogBytes).toBeLessThanOrEqual(LIMIT + KIB);
  });
});

describe('a reader that takes everything', () => {
  it('may be sent far more than the limit in one turn', async () => {
    const node = await WireApp.start({ limits: { sendBufferBytes: 64 * KIB } });
    const alice = await node.connect('alice');
    const connection = node.of('alice');
    for (let n = 1; n <= 10; n++) connection.send(new Push('broadcast', `{"n":${n},"x":"${'x'.repeat(20 * KIB)}"}`));
    await alice.next('broadcast', ({ data }) => data.n === 10);
    expect(connection.isOpen).toBe(true);
    await node.stop();
  });
});

describe('streams', () => {
  it('wait for a reader that has fallen behind, and go on when it has caught up or gone', async () => {
    const node = await WireApp.start();
    const reader = await RawSocket.connect(node.ws, { authorization: 'Bearer reader' });
    const connection = node.of('reader');
    expect(connection.whenWritable()).toBeNull();
    const filler = JSON.stringify('x'.repeat(60 * KIB));
    let waiting: Promise<void> | null = null;
    while (waiting === null) {
      connection.reply('item', filler, 1);
      waiting = connection.whenWritable();
      if (waiting !== null) break;
      await new Promise(setImmediate);
    }
    reader.socket.resume();
    await waiting;
    reader.socket.pause();
    while ((waiting = connection.whenWritable()) === null) connection.reply('item', filler, 1);
    reader.socket.destroy();
    await waiting;
    await node.stop();
  });
});

describe('the heartbeat', () => {
  let node: WireApp;
  beforeEach(async () => {
    node = await WireApp.start({ heartbeat: { intervalMs: 100, timeoutMs: 100 } });
  });
  afterEach(() => node.stop());

  it('closes with 4000 who gives no sign of life, as lost; and nobody else', async () => {
    const alice = await node.connect('alice');
    const silent = await RawSocket.connect(node.ws, { authorization: 'Bearer silent' });
    const ended = node.ended(node.of('silent'));
    let pings = 0;
    alice.socket.on('ping', () => pings++);
    await silent.until('heartbeat lost');
    expect(await ended).toEqual({ code: 4000, clean: false });
    expect(pings).toBeGreaterThan(0);
    expect((await alice.command('ping')).message_type).toBe('pong');
    silent.socket.destroy();
  });

  it('takes any inbound frame for life', async () => {
    const talker = await RawSocket.connect(node.ws, { authorization: 'Bearer talker' });
    const silent = await RawSocket.connect(node.ws, { authorization: 'Bearer silent' });
    const connection = node.of('talker');
    // Never a pong: at every ping some other frame.
    talker.socket.on('data', () => talker.sendFrame(1, '{"message_type":"nothing_like_it"}'));
    await node.ended(node.of('silent'));
    expect(connection.isOpen).toBe(true);
    talker.socket.destroy();
    silent.socket.destroy();
  });
});
