import { CommandError } from './index.js';
import { closeAll, newClient, next, reached, startServer, until } from './testing/harness.js';
import { error } from './testing/hostile-server.js';

afterEach(closeAll);

describe('a command', () => {
  it('resolves with the data of its own reply, also of types that are not the protocol’s', async () => {
    const client = newClient(await startServer());
    await client.connect();
    const replies = await Promise.all([client.command('roll', { sides: 6 }), client.command('ping', {})]);
    expect(replies).toEqual([{ sides: 6 }, { server_ts: 1 }]);
  });

  it('rejects with the name, code and advice of the server’s error', async () => {
    const server = await startServer();
    server.intercept = () => error(1005, 'RateLimited', { retryable: true, retry_after_ms: 70, details: { a: 1 } });
    const client = newClient(server);
    await client.connect();
    const failure = (await client.command('ping', {}).catch((thrown: unknown) => thrown)) as CommandError;
    expect(failure).toBeInstanceOf(CommandError);
    expect(failure).toMatchObject({
      name: 'RateLimited',
      code: 1005,
      retryable: true,
      retryAfterMs: 70,
      details: { a: 1 },
    });
  });

  it('given before there is a connection waits for it', async () => {
    const client = newClient(await startServer());
    const pong = client.command('ping', {});
    await client.connect();
    expect(await pong).toEqual({ server_ts: 1 });
  });

  it('that was sent when the connection was lost fails, because nobody knows what became of it', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    server.intercept = (frame) => (frame.message_type === 'roll' ? 'lost' : undefined);
    const roll = client.command('roll').catch((thrown: unknown) => thrown);
    await until(() => [...server.peers].some((peer) => peer.received.length > 0));
    server.kill();
    expect(await roll).toMatchObject({ name: 'Disconnected', retryable: true });
  });

  it('fails when its time is up or its signal says so, and not before', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    server.intercept = () => 'lost';
    const controller = new AbortController();
    const aborted = client.command('roll', {}, { signal: controller.signal }).catch((thrown: unknown) => thrown);
    controller.abort(new Error('changed my mind'));
    expect(await aborted).toMatchObject({ message: 'changed my mind' });
    await expect(client.command('roll', {}, { timeoutMs: 5 })).rejects.toMatchObject({ name: 'Timeout', code: 1004 });
    await expect(client.command('roll', {}, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  });

  it('hands out the items of a stream, and cancels it on abort', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    server.intercept = ({ message_type, message_id }, peer) => {
      if (message_type !== 'count') return undefined;
      for (const n of [1, 2]) {
        const frame = { message_type: 'count_item', request_id: message_id, data: { n }, timestamp: 1 };
        peer.socket.send(JSON.stringify(frame));
      }
      return 'lost';
    };
    const items: unknown[] = [];
    const controller = new AbortController();
    const stream = client.command('count', {}, { onItem: (item) => items.push(item), signal: controller.signal });
    await until(() => items.length === 2);
    controller.abort();
    await expect(stream).rejects.toBe(controller.signal.reason);
    const [peer] = server.peers;
    await until(() => peer?.received.some(({ message_type }) => message_type === 'cancel') ?? false);
    expect(items).toEqual([{ n: 1 }, { n: 2 }]);
    const [count, cancel] = peer?.received ?? [];
    expect(cancel?.data).toEqual({ request_id: count?.message_id });
  });

  it('larger than the server takes is not sent: the server would end every connection over it', async () => {
    const server = await startServer();
    server.maxMessageBytes = 300;
    const client = newClient(server);
    await client.connect();
    await expect(client.sendDirect('bob', 'é'.repeat(120))).rejects.toMatchObject({ name: 'MessageTooLarge' });
    expect(await client.sendDirect('bob', 'é'.repeat(30))).toMatchObject({ seq: 1 });
  });

  it('fails when too many wait', async () => {
    const client = newClient(await startServer(), { maxPending: 1 });
    const first = client.command('ping', {});
    await expect(client.command('ping', {})).rejects.toMatchObject({ name: 'QueueFull' });
    await client.connect();
    await first;
    await client.command('ping', {});
  });

  it('fails with the end of the client, whether it waited or was sent', async () => {
    const server = await startServer();
    server.intercept = () => 'lost';
    const client = newClient(server);
    const fails = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ name: 'Closed' });
    await client.connect();
    const room = client.room('lobby');
    const waiting = [fails(room.join()), fails(room.send('a')), fails(client.command('ping', {}))];
    client.close();
    await Promise.all(waiting);
    await fails(room.join());
    await fails(client.command('ping', {}));
    await expect(client.command('ping', {})).rejects.toMatchObject({ name: 'Closed' });
  });
});

describe('events', () => {
  it('are the pushes by their types, and those of other types together', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const broadcast = next(client, 'broadcast');
    const custom = next(client, 'push');
    server.pushAll('broadcast', { message: 'hello' });
    server.pushAll('state', { forged: true });
    expect(await broadcast).toEqual({ message: 'hello' });
    expect(await custom).toEqual({ type: 'state', data: { forged: true } });
  });

  it('stop for a listener that was taken away', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const seen: unknown[] = [];
    const stop = client.on('online', (event) => seen.push(event));
    server.pushAll('online', { count: 1 });
    await until(() => seen.length === 1);
    stop();
    const other = next(client, 'online');
    server.pushAll('online', { count: 2 });
    await other;
    expect(seen).toEqual([{ count: 1 }]);
  });

  it('survive frames that are no JSON or no envelope', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    for (const { socket } of server.peers) for (const text of ['', '{', 'null', '[]', '7', '{}']) socket.send(text);
    expect(await client.command('ping', {})).toEqual({ server_ts: 1 });
  });
});

describe('the state', () => {
  it('tells of the loss and the return of the connection', async () => {
    const server = await startServer();
    const client = newClient(server);
    const states: string[] = [];
    client.on('state', ({ state }) => states.push(state));
    await client.connect();
    const open = reached(client, 'open');
    server.kill();
    await open;
    client.close();
    expect(states).toEqual(['connecting', 'open', 'offline', 'recovering', 'open', 'closed']);
  });

  it('is open only when the rooms have what they missed', async () => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ content }) => seen.push(content));
    const open = reached(client, 'open');
    server.kill();
    server.post('lobby', 'while away');
    await open;
    expect(seen).toEqual(['while away']);
  });
});
