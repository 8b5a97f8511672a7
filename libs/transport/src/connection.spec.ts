import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from './connection.js';
import { AllowUnidentified } from './decorators.js';
import { Push } from './push.js';
import { Sessions } from './sessions.service.js';
import { clientFrame, RawSocket } from './testing/raw-socket.js';
import { WireApp } from './testing/wire-harness.js';

declare global {
  namespace Hubbub {
    interface ConnectionData {
      greeting?: string;
    }
  }
}

/** Awaited by the command `wait`. */
let gate: Promise<void> = Promise.resolve();

@WebSocketGateway()
class TestGateway {
  constructor(private readonly sessions: Sessions) {}

  @SubscribeMessage('authenticate')
  @AllowUnidentified()
  authenticate(@ConnectedSocket() connection: Connection, @MessageBody() { token }: { token: string }) {
    return this.sessions.authenticate(connection, token);
  }

  @SubscribeMessage('wait')
  async wait(): Promise<void> {
    await gate;
  }

  /** Pushes twice around its reply. */
  @SubscribeMessage('push')
  push(@ConnectedSocket() connection: Connection): object {
    connection.send(Push.of('online', { count: 1 }));
    queueMicrotask(() => connection.send(Push.of('online', { count: 2 })));
    return { pushed: true };
  }
}

let node: WireApp;
beforeAll(async () => {
  node = await WireApp.start(
    { limits: { commandsPerS: 100_000, commandsBurst: 100_000 } },
    { providers: [TestGateway] },
  );
});
afterAll(() => node.stop());

describe('frames', () => {
  it('may be binary: the same JSON, answered as text', async () => {
    const alice = await node.connect('alice');
    alice.send(Buffer.from('{"message_type":"ping","message_id":"b"}'));
    expect((await alice.next('pong')).request_id).toBe('b');
    await alice.close();
  });

  it('that are binary and no UTF-8 are answered InvalidFormat, in their turn', async () => {
    const alice = await node.connect('alice');
    alice.send({ message_type: 'ping', message_id: 1 });
    alice.send(Buffer.from('{"message_type":"ping","message_id":2,"data":{"x":"\xff"}}', 'latin1'));
    alice.send({ message_type: 'ping', message_id: 3 });
    await alice.next('pong', ({ request_id }) => request_id === 3);
    expect(alice.frames.slice(1).map(({ message_type, data }) => data.code ?? message_type)).toEqual([
      'pong',
      1001,
      'pong',
    ]);
    await alice.close();
  });

  it.each([
    ['text that is no UTF-8', clientFrame(1, Buffer.from([0xff, 0xfe])), 1007],
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ['a reserved opcode', clientFrame(3, Buffer.from('{}')), 1002],
    ['a reserved bit', Buffer.concat([Buffer.from([0xc1]), clientFrame(1, Buffer.from('{}')).subarray(1)]), 1002],
    ['a continuation of nothing', clientFrame(0, Buffer.from('{}')), 1002],
    ['a close code that is none', clientFrame(8, Buffer.from([0, 1])), 1002],
  ])('that break the WebSocket protocol end their connection alone: %s', async (_, bytes, code) => {
    const alice = await node.connect('alice');
    const raw = await RawSocket.connect(node.ws, { authorization: 'Bearer mallory' });
    const ended = node.ended(node.of('mallory'));
    raw.socket.resume();
    raw.socket.write(bytes);
    expect(await ended).toEqual({ code, clean: true });
    await once(raw.socket, 'close');
    expect((await alice.command('ping')).message_type).toBe('pong');
    await alice.close();
  });

  it('in 64 fragments are served, in more they end their connection with 1008', async () => {
    const raw = await RawSocket.connect(node.ws, { authorization: 'Bearer mallory' });
    const ended = node.ended(node.of('mallory'));
    const send = (opcode: number, text: string, final: boolean) => {
      const frame = clientFrame(opcode, Buffer.from(text));
      if (!final) frame[0] = opcode;
      raw.socket.write(frame);
    };
    send(1, '{"message_type":"ping"', false);
    for (let n = 0; n < 62; n++) send(0, ' ', false);
    send(0, '}', true);
    await raw.until('"pong"');
    send(1, ' ', false);
    for (let n = 0; n < 64; n++) send(0, ' ', false);
    expect(await ended).toEqual({ code: 1008, clean: true });
    raw.socket.destroy();
  });

  it('of random bytes end their connection alone', async () => {
    for (let round = 0; round < 20; round++) {
      const raw = await RawSocket.connect(node.ws, { authorization: 'Bearer mallory' });
      raw.socket.resume();
      raw.socket.end(randomBytes(500));
      await once(raw.socket, 'close');
    }
    const alice = await node.connect('alice');
    expect((await alice.command('ping')).message_type).toBe('pong');
    await alice.close();
  });
});

describe('a frame over the limit (PROTOCOL §8, 4002)', () => {
  const ofSize = (bytes: number): string =>
    JSON.stringify({ message_type: 'ping', message_id: 1, x: '' }).padEnd(bytes, ' ');

  it('is answered and closes the connection with 1009; one at the limit is served', async () => {
    const alice = await node.connect('alice');
    alice.send(ofSize(65_536));
    expect((await alice.next('pong')).request_id).toBe(1);
    alice.send(ofSize(65_537));
    expect((await alice.next('error')).data).toMatchObject({ code: 4002, name: 'MessageTooLarge', retryable: false });
    expect(await alice.closed).toMatchObject({ code: 1009 });
  });

  it('is refused by its header, before it has arrived', async () => {
    const raw = await RawSocket.connect(node.ws, { authorization: 'Bearer mallory' });
    const ended = node.ended(node.of('mallory'));
    raw.socket.resume();
    raw.socket.write(clientFrame(1, Buffer.alloc(10_000_000)).subarray(0, 14));
    expect(await ended).toEqual({ code: 1009, clean: true });
  });

  it('is 4096 bytes before the connection is identified, and more afterwards', async () => {
    const nobody = await node.connect();
    nobody.send(ofSize(4096));
    await nobody.next('pong');
    await nobody.command('authenticate', { token: 'carol' });
    nobody.send(ofSize(4097));
    await nobody.next('pong');
    const other = await node.connect();
    other.send(ofSize(4097));
    expect((await other.next('error')).data.code).toBe(4002);
    expect(await other.closed).toMatchObject({ code: 1009 });
    await nobody.close();
  });
});

describe('authenticate on a live connection', () => {
  it('identifies it, and later gives it a newer token of the same user only', async () => {
    const dave = await node.connect();
    const answer = await dave.command('authenticate', { token: 'dave' });
    expect(answer).toMatchObject({ message_type: 'authenticated' });
    expect(answer.data).toMatchObject({ user_id: 'dave', authenticated: true, inbox_epoch: 'inbox', inbox_seq: 7 });
    expect((await dave.command('authenticate', { token: 'dave' })).message_type).toBe('authenticated');
    expect((await dave.command('authenticate', { token: 'alice' })).data.code).toBe(2001);
    expect((await dave.command('authenticate', { token: 'expired' })).data.code).toBe(2002);
    expect(node.of('dave').identity?.userId).toBe('dave');
    await dave.close();
  });

  it('is answered before the pushes of the inbox that it opens', async () => {
    let open = (): void => undefined;
    node.inboxes.gate = new Promise((resolve) => (open = resolve));
    const dave = await node.connect();
    const attached = new Promise<void>((resolve) => {
      node.connections.onIdentified(({ identity }) => identity?.userId === 'dave' && resolve());
    });
    const answer = dave.command('authenticate', { token: 'dave' });
    await attached;
    node.of('dave').send(Push.of('online', { count: 8 }));
    node.inboxes.gate = null;
    open();
    await Promise.all([answer, dave.next('online')]);
    expect(dave.frames.map(({ message_type }) => message_type)).toEqual(['connected', 'authenticated', 'online']);
    await dave.close();
  });

  it('changes nothing where the inbox cannot be opened', async () => {
    const dave = await node.connect();
    node.inboxes.isAway = true;
    expect((await dave.command('authenticate', { token: 'dave' })).data.code).toBe(1003);
    node.inboxes.isAway = false;
    expect(node.connections.ofUser('dave').size).toBe(0);
    expect((await dave.command('wait')).data.code).toBe(2000);
    expect((await dave.command('authenticate', { token: 'dave' })).message_type).toBe('authenticated');
    await dave.close();
  });

  it('of an anonymous connection is refused', async () => {
    node.authenticator.anonymousAccess = true;
    const guest = await node.connect();
    node.authenticator.anonymousAccess = false;
    expect((await guest.command('authenticate', { token: 'dave' })).data.code).toBe(2001);
    await guest.close();
  });
});

describe('what a connection is owed', () => {
  it('leaves in the order in which it was queued, replies and pushes alike', async () => {
    const alice = await node.connect('alice');
    await alice.command('push');
    await alice.next('online', ({ data }) => data.count === 2);
    expect(alice.frames.slice(1).map(({ message_type }) => message_type)).toEqual(['online', 'push_reply', 'online']);
    await alice.close();
  });

  it('leaves in one write a turn', async () => {
    const alice = await node.connect('alice');
    const raw = await RawSocket.connect(node.ws, { authorization: 'Bearer reader' });
    raw.socket.read();
    const reader = node.of('reader');
    for (let count = 1; count <= 50; count++) reader.send(Push.of('online', { count }));
    await once(raw.socket, 'readable');
    const text = (raw.socket.read() as Buffer).toString();
    expect(text.match(/"count":\d+/g)).toHaveLength(50);
    raw.socket.destroy();
    await alice.close();
  });

  it('leaves whole and in its order where frames are large', async () => {
    const alice = await node.connect('alice');
    const texts = ['a', 'b'.repeat(20_000), 'c', 'd'.repeat(40_000)];
    for (const text of texts) node.of('alice').send(new Push('online', JSON.stringify({ text })));
    await alice.next('online', ({ data }) => data.text === texts[3]);
    expect(alice.frames.slice(1).map(({ data }) => data.text)).toEqual(texts);
    await alice.close();
  });

  it('reaches whole whoever stopped reading for a while, whatever others were sent meanwhile', async () => {
    const [alice, slow] = [await node.connect('alice'), await node.connect('slow')];
    slow.socket.pause();
    const sent: string[] = [];
    // Alice reads: each text has left, and the memory that it was written in may be used for the next.
    const send = async (to: readonly string[]) => {
      const text = `${sent.length}:${String.fromCharCode(97 + (sent.length % 26)).repeat(20_000)}`;
      const push = new Push('online', JSON.stringify({ text }));
      for (const user of to) node.of(user).send(push);
      await alice.next('online', ({ data }) => data.text === text);
      return text;
    };
    while (node.of('slow').backlogBytes < 400_000) sent.push(await send(['slow', 'alice']));
    for (let turn = 0; turn < 50; turn++) await send(['alice']);
    slow.socket.resume();
    await slow.next('online', ({ data }) => data.text === sent.at(-1));
    expect(slow.frames.slice(1).map(({ data }) => data.text)).toEqual(sent);
    await Promise.all([alice.close(), slow.close()]);
  });

  it('leaves before the close frame', async () => {
    const alice = await node.connect('alice');
    const connection = node.of('alice');
    for (const count of [1, 2]) connection.send(Push.of('online', { count }));
    connection.close('Revoked');
    connection.send(Push.of('online', { count: 3 }));
    expect(await alice.closed).toEqual({ code: 4502, reason: 'revoked or disconnected by an operator' });
    expect(alice.frames.slice(1).map(({ data }) => data.count)).toEqual([1, 2]);
  });
});

describe('the end of a connection', () => {
  it('is told once, with how it came', async () => {
    const client = await node.connect('alice');
    const connection = node.of('alice');
    const ends: object[] = [];
    node.connections.onClosed((closed, end) => {
      if (closed === connection) ends.push(end);
    });
    const { signal } = connection;
    connection.data.greeting = 'hello';
    expect([connection.isOpen, signal.aborted, connection.data.greeting]).toEqual([true, false, 'hello']);
    connection.close('Revoked');
    connection.close('Normal');
    await client.closed;
    expect(ends).toEqual([{ code: 4502, clean: true }]);
    expect([connection.isOpen, signal.aborted, connection.signal.aborted]).toEqual([false, true, true]);
    expect(node.connections.get(connection.id)).toBeUndefined();
  });

  it.each([
    ['a close frame', 'close' as const, { code: 1000, clean: true }],
    ['a lost connection', 'cut' as const, { code: 1006, clean: false }],
  ])('is clean or not: %s', async (_, how, expected) => {
    const client = await node.connect('alice');
    const ended = node.ended(node.of('alice'));
    await client[how]();
    expect(await ended).toEqual(expected);
  });

  it('by the command `close` comes after what is owed, with 1000', async () => {
    const client = await node.connect('alice');
    const ended = node.ended(node.of('alice'));
    client.send({ message_type: 'ping', message_id: 1 });
    client.send({ message_type: 'close' });
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(client.frames.map(({ message_type }) => message_type)).toEqual(['connected', 'pong']);
    expect(await ended).toEqual({ code: 1000, clean: true });
  });

  it('detaches the inbox, and tells when a user came and went', async () => {
    const told: string[] = [];
    node.connections.onUserOnline((userId) => told.push(`+${userId}`));
    node.connections.onUserOffline((userId) => told.push(`-${userId}`));
    const [one, two] = [await node.connect('hugo'), await node.connect('hugo')];
    const [first, second] = [...node.connections.ofUser('hugo')] as [Connection, Connection];
    const ends = [node.ended(first), node.ended(second)];
    await one.close();
    await ends[0];
    expect([node.inboxes.attached.has(first), node.inboxes.attached.has(second)]).toEqual([false, true]);
    await two.close();
    await ends[1];
    expect(told).toEqual(['+hugo', '-hugo']);
  });

  it('is counted by its code, and codes that clients make up together', async () => {
    const count = (code: number | string): number => node.metrics.closes.of({ code }).value;
    const before = [count(4000), count('other')];
    for (const code of [4000, 3999, 4321]) {
      const client = await node.connect('alice');
      const ended = node.ended(node.of('alice'));
      await client.close(code);
      await ended;
    }
    expect([count(4000), count('other')].map((now, at) => now - (before[at] ?? 0))).toEqual([1, 2]);
  });
});

describe('a client that sends more commands than are served', () => {
  it('is not read from until they are, and loses none', async () => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const client = await node.connect('alice');
    const connection = node.of('alice');
    const paused = once(client.socket, 'pong');
    client.send({ message_type: 'wait', message_id: 0 });
    for (let id = 1; id <= 5000; id++) client.send({ message_type: 'ping', message_id: id });
    // Not read any more: only the pushes of others still reach it.
    while (!connection.isPaused) await new Promise(setImmediate);
    connection.send(Push.of('online', { count: 1 }));
    await client.next('online');
    expect(client.frames.some(({ message_type }) => message_type === 'pong')).toBe(false);
    const framesRead = node.metrics.framesIn.value;
    client.socket.ping();
    open();
    await client.next('pong', ({ request_id }) => request_id === 5000);
    await paused;
    expect(node.metrics.framesIn.value).toBeGreaterThan(framesRead);
    const ids = client.frames.filter(({ message_type }) => message_type === 'pong').map(({ request_id }) => request_id);
    expect(ids).toEqual(Array.from({ length: 5000 }, (_, at) => at + 1));
    expect(connection.isPaused).toBe(false);
    await client.close();
  });
});
