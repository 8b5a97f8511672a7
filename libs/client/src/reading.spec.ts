import type { RoomMessage } from '@hubbub/protocol';
import type { HubbubClient, Room } from './index.js';
import { closeAll, newClient, reached, startServer, until } from './testing/harness.js';
import { type HostileServer, type Peer } from './testing/hostile-server.js';

let server: HostileServer;
let client: HubbubClient;

beforeEach(async () => {
  server = await startServer();
  client = newClient(server);
  await client.connect();
});
afterEach(closeAll);

/** Reads so many messages. */
async function read(messages: AsyncIterable<RoomMessage>, count: number): Promise<unknown[]> {
  const contents: unknown[] = [];
  for await (const { content } of messages) {
    contents.push(content);
    if (contents.length === count) break;
  }
  return contents;
}

const ends = async (messages: AsyncIterable<unknown>) => {
  const items: unknown[] = [];
  for await (const item of messages) items.push(item);
  return items;
};

describe('a room that is iterated over', () => {
  it('brings what came from the join on, each message once and in order, over lost connections', async () => {
    for (const text of ['a', 'b']) server.post('lobby', text);
    const room = await client.join('lobby');
    const messages = read(room, 6);
    await room.send('c');
    server.chaos = { drop: 0, double: 1, swap: 0, kill: 0 };
    server.post('lobby', 'd');
    const open = reached(client, 'open');
    server.kill();
    server.post('lobby', 'e');
    await open;
    await room.send('f');
    expect(await messages).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('brings what was missed since an earlier run, to who begins once the room is joined', async () => {
    for (const text of ['a', 'b', 'c']) server.post('lobby', text);
    const room = await client.join('lobby', { since: { epoch: 'e1', seq: 1 } });
    const messages = read(room, 3);
    await room.send('d');
    expect(await messages).toEqual(['b', 'c', 'd']);
  });

  it('brings later readers what comes from then on, and none takes from another', async () => {
    const room = await client.join('lobby');
    const early = read(room, 3);
    await room.send('a');
    await new Promise((resolve) => setTimeout(resolve));
    const late = read(room, 2);
    await room.send('b');
    await room.send('c');
    expect([await early, await late]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('waits for the reader', async () => {
    const room = await client.join('lobby');
    const messages = room[Symbol.asyncIterator]();
    for (const text of ['a', 'b']) await room.send(text);
    expect((await messages.next()).value?.content).toBe('a');
    const all = [messages.next(), messages.next()];
    await room.send('c');
    expect((await Promise.all(all)).map(({ value }) => value?.content)).toEqual(['b', 'c']);
  });

  it.each([
    ['one is out of the room', (room: Room) => room.leave()],
    ['one is sent out', async () => server.pushAll('member_kicked', { room_id: 'lobby', user_id: 'alice' })],
    ['the client ends', async () => client.close()],
  ])('ends when %s, after what had come', async (_, end) => {
    const room = await client.join('lobby');
    const messages = ends(room);
    const unread = room[Symbol.asyncIterator]();
    await room.send('a');
    await end(room);
    expect(await messages).toMatchObject([{ content: 'a' }]);
    expect([(await unread.next()).value?.content, (await unread.next()).done]).toEqual(['a', true]);
    expect(await unread.next()).toEqual({ done: true, value: undefined });
  });

  it('tells a reader who is too far behind', async () => {
    const room = await client.join('lobby');
    const messages = room[Symbol.asyncIterator]();
    const last = new Promise<void>((resolve) => {
      room.on('room_message', ({ content }) => {
        if (content === 10_000) resolve();
      });
    });
    for (let n = 0; n <= 10_000; n++) server.post('lobby', n);
    await last;
    for (let n = 0; n < 10_000; n++) await messages.next();
    await expect(messages.next()).rejects.toMatchObject({ name: 'QueueFull' });
    expect((await messages.next()).done).toBe(true);
  });
});

describe('a stream', () => {
  /** Counts, and goes on only when the test says so. */
  function counting(): { item(n: number): void; end(): void; cancelled(): unknown; peer(): Peer } {
    let of: { id: number | undefined; peer: Peer };
    server.intercept = ({ message_type, message_id }, peer) => {
      if (message_type === 'count') of = { id: message_id, peer };
      return message_type === 'count' || message_type === 'cancel' ? 'lost' : undefined;
    };
    const frame = (type: string, data: object) =>
      of.peer.socket.send(JSON.stringify({ message_type: type, request_id: of.id, data, timestamp: 1 }));
    return {
      item: (n) => frame('count_item', { n }),
      end: () => frame('done', {}),
      cancelled: () =>
        of.peer.received.find(({ message_type }) => message_type === 'cancel')?.data?.request_id === of.id,
      peer: () => of?.peer,
    };
  }

  it('brings its items, and ends where it ends', async () => {
    const count = counting();
    const all = ends(client.stream('count', { to: 2 }));
    await until(() => count.peer() !== undefined);
    count.item(1);
    count.item(2);
    count.end();
    expect(await all).toEqual([{ n: 1 }, { n: 2 }]);
    expect(count.cancelled()).toBe(false);
  });

  it('is cancelled when its reader has enough', async () => {
    const count = counting();
    const stream = client.stream<{ n: number }>('count');
    await until(() => count.peer() !== undefined);
    count.item(1);
    for await (const { n } of stream) if (n === 1) break;
    await until(() => count.cancelled() === true);
    expect(await ends(stream)).toEqual([]);
  });

  it('is cancelled by its signal, whose reason it fails with', async () => {
    const count = counting();
    const controller = new AbortController();
    const stream = client.stream('count', {}, { signal: controller.signal });
    await until(() => count.peer() !== undefined);
    controller.abort(new Error('enough'));
    await expect(ends(stream)).rejects.toThrow('enough');
    await until(() => count.cancelled() === true);
    await expect(ends(client.stream('count', {}, { signal: controller.signal }))).rejects.toThrow('enough');
  });

  it('fails as its command does, and with the connection', async () => {
    const count = counting();
    const stream = ends(client.stream('count'));
    await until(() => count.peer() !== undefined);
    server.kill();
    await expect(stream).rejects.toMatchObject({ name: 'Disconnected' });
    client.close();
    await expect(ends(client.stream('count'))).rejects.toMatchObject({ name: 'Closed' });
  });
});
