import { closeAll, newClient, reached, startServer, until } from './testing/harness.js';
import { error, type HostileServer } from './testing/hostile-server.js';
import { ManualClock } from './testing/manual-clock.js';

afterEach(closeAll);

/** Contents of the messages that were sent to the server, in order, over all connections. */
function recordPosts(server: HostileServer): unknown[] {
  const posts: unknown[] = [];
  const before = server.intercept;
  server.intercept = (frame, peer) => {
    if (frame.message_type === 'room_message') posts.push(frame.data.content);
    return before?.(frame, peer);
  };
  return posts;
}

describe('a message', () => {
  it('that was not acknowledged is sent again with its key, and stored once', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ seq, content }) => seen.push([seq, content]));
    server.chaos = { drop: 1, double: 0, swap: 0, kill: 0 };
    const sends = ['a', 'b', 'c'].map((text) => room.send(text));
    await until(() => server.log('lobby').length === 3);
    server.chaos = { drop: 0, double: 0, swap: 0, kill: 0 };
    server.kill();
    const replies = await Promise.all(sends);
    expect(replies.map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ]);
    expect(server.log('lobby')).toHaveLength(3);
    expect(seen).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('given while offline leaves after the return, in order and as it was then', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    const offline = reached(client, 'offline');
    server.kill();
    await offline;
    const content = { text: 'first' };
    const sends = [room.send(content), room.send('second')];
    content.text = 'changed';
    await Promise.all(sends);
    expect(server.log('lobby').map((message) => message.content)).toEqual([{ text: 'first' }, 'second']);
  });

  it('keeps its place when the burst after a return is refused for its rate', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    let refusals = 0;
    server.intercept = ({ message_type, message_id }) => {
      if (message_type !== 'room_message' || (message_id as number) % 2 === refusals % 2 || refusals >= 6)
        return undefined;
      refusals++;
      return error(1005, 'RateLimited', { retryable: true, retry_after_ms: 1 });
    };
    const offline = reached(client, 'offline');
    server.kill();
    await offline;
    await Promise.all(Array.from({ length: 10 }, (_, n) => room.send(n)));
    expect(refusals).toBeGreaterThan(0);
    expect(server.log('lobby').map(({ content }) => content)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaves without waiting for the one before it on a good connection', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    server.intercept = ({ message_type }) => (message_type === 'room_message' ? 'lost' : undefined);
    const posts = recordPosts(server);
    for (const text of ['a', 'b', 'c']) void room.send(text).catch(() => {});
    await until(() => posts.length === 3);
    expect(posts).toEqual(['a', 'b', 'c']);
  });

  it('that is refused is not sent again, and tells its key', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    server.intercept = ({ message_type }) =>
      message_type === 'room_message' ? error(1003, 'ServerError', { retryable: true }) : undefined;
    const failure = await room.send('a', { idempotencyKey: 'k1' }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ name: 'ServerError', retryable: true, idempotencyKey: 'k1' });
  });

  it('without an answer for too long makes the connection count as lost', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    const client = newClient(server, { clock, random: () => 1, timeoutMs: 20_000 });
    await client.connect();
    const room = await client.join('lobby');
    server.chaos = { drop: 1, double: 0, swap: 0, kill: 0 };
    const send = room.send('a');
    await until(() => server.log('lobby').length === 1);
    server.chaos = { drop: 0, double: 0, swap: 0, kill: 0 };
    clock.advance(19_999);
    expect(client.state).toBe('open');
    clock.advance(1);
    expect(client.state).toBe('offline');
    clock.advance(1);
    expect(await send).toMatchObject({ seq: 1, duplicate: true });
  });

  it('given up after it was sent keeps its place in the room', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ content }) => seen.push(content));
    const controller = new AbortController();
    const send = room.send('a', { signal: controller.signal }).catch((thrown: unknown) => thrown);
    controller.abort(new Error('enough'));
    expect(await send).toMatchObject({ message: 'enough' });
    await until(() => server.log('lobby').length === 1);
    server.post('lobby', 'b');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a', 'b']);
  });

  it('is not repeated in the name of another user: an anonymous one is new with every connection', async () => {
    const server = await startServer();
    let visitors = 0;
    server.userOf = () => `anon:${++visitors}`;
    const client = newClient(server, { token: undefined });
    await client.connect();
    const room = await client.join('lobby');
    server.chaos = { drop: 1, double: 0, swap: 0, kill: 0 };
    const sent = room.send('a').catch((thrown: unknown) => thrown);
    await until(() => server.log('lobby').length === 1);
    server.chaos = { drop: 0, double: 0, swap: 0, kill: 0 };
    server.kill();
    expect(await sent).toMatchObject({ name: 'Disconnected' });
    await room.send('b');
    expect(server.log('lobby').map(({ content }) => content)).toEqual(['a', 'b']);
  });

  it('that is ephemeral is sent now or not at all', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ content, ephemeral }) => seen.push([content, ephemeral]));
    expect(await room.send('typing', { ephemeral: true })).not.toHaveProperty('seq');
    const offline = reached(client, 'offline');
    server.kill();
    await offline;
    await expect(room.send('typing', { ephemeral: true })).rejects.toMatchObject({ name: 'Disconnected' });
    expect(seen).toEqual([['typing', true]]);
  });
});

describe('the inbox', () => {
  it('brings what came while away, and one’s own at their place', async () => {
    const server = await startServer();
    const client = newClient(server);
    const seen: unknown[] = [];
    client.on('direct_message', ({ seq, sender_id, content }) => seen.push(`${seq} ${sender_id}: ${String(content)}`));
    server.direct('bob', 'alice', 'before the first connection');
    await client.connect();
    server.direct('bob', 'alice', 'hello');
    await client.sendDirect('bob', 'hello yourself');
    const open = reached(client, 'open');
    server.kill();
    for (let n = 0; n < 50; n++) server.direct('bob', 'alice', n);
    await open;
    const missed = Array.from({ length: 50 }, (_, n) => `${n + 4} bob: ${n}`);
    expect(seen).toEqual(['2 bob: hello', '3 alice: hello yourself', ...missed]);
    expect(client.inboxPosition).toEqual({ epoch: 'e1', seq: 53 });
  });

  it('goes on where an earlier run had come to', async () => {
    const server = await startServer();
    for (const text of ['a', 'b', 'c']) server.direct('bob', 'alice', text);
    const client = newClient(server, { inbox: { epoch: 'e1', seq: 1 } });
    const seen: unknown[] = [];
    client.on('direct_message', ({ content }) => seen.push(content));
    await client.connect();
    expect(seen).toEqual(['b', 'c']);
  });

  it('tells of the loss when it is another one', async () => {
    const server = await startServer();
    const client = newClient(server, { inbox: { epoch: 'gone', seq: 1 } });
    const lost: unknown[] = [];
    client.on('lost', (event) => lost.push(event));
    await client.connect();
    expect(lost).toEqual([{ missed: 0 }]);
  });
});
