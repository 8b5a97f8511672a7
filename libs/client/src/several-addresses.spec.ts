import type { HubbubClient } from './index.js';
import { closeAll, newClient, reached, startServer, until } from './testing/harness.js';
import type { HostileNode } from './testing/hostile-node.js';
import type { HostileServer } from './testing/hostile-server.js';
import { ManualClock } from './testing/manual-clock.js';

afterEach(closeAll);

/** Tries the addresses in the order of the list. */
const inOrder = () => 0.999_999;

function nodeOf(server: HostileServer, client: HubbubClient): HostileNode {
  const node = server.nodes[Number(client.session?.node_id.slice(1))];
  if (node === undefined) throw new Error('not connected');
  return node;
}

function statesOf(client: HubbubClient): string[] {
  const states: string[] = [];
  client.on('state', ({ state }) => states.push(state));
  return states;
}

describe('a client with several addresses', () => {
  it('goes on at another when its node is lost, where it was', async () => {
    const server = await startServer(2);
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ content }) => seen.push(content));
    await room.send('a');
    const before = nodeOf(server, client);
    const open = reached(client, 'open');
    await before.down();
    server.post('lobby', 'b');
    await open;
    await room.send('c');
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(nodeOf(server, client)).not.toBe(before);
  });

  it('does not wait longer because one of them is always away', async () => {
    const clock = new ManualClock();
    const server = await startServer(3);
    const [a, b, c] = server.nodes as [HostileNode, HostileNode, HostileNode];
    await a.down();
    const client = newClient(server, { clock, random: inOrder, backoff: { baseMs: 100, maxMs: 1000 } });
    void client.connect();
    const first = await reached(client, 'offline');
    expect(first.retryInMs).toBe(100);
    let open = reached(client, 'open');
    clock.advance(100);
    await open;
    expect(nodeOf(server, client)).toBe(b);
    const offline = reached(client, 'offline');
    await b.down();
    expect(await offline).toMatchObject({ retryInMs: 100 });
    open = reached(client, 'open');
    clock.advance(100);
    await open;
    expect(nodeOf(server, client)).toBe(c);
  });

  it('slows down when all are away: one attempt at a time, at longer and longer intervals', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    for (const node of server.nodes) node.refusal = { status: 502 };
    const client = newClient(server, { clock, random: () => 1, backoff: { baseMs: 100, maxMs: 300 } });
    void client.connect();
    const delays: unknown[] = [];
    for (let n = 0; n < 6; n++) {
      const { retryInMs = 0 } = await reached(client, 'offline');
      delays.push(retryInMs);
      clock.advance(retryInMs);
    }
    await reached(client, 'offline');
    expect(delays).toEqual([100, 100, 200, 200, 300, 300]);
    expect(server.nodes.map(({ attempts }) => attempts).sort()).toEqual([3, 4]);
  });

  it('leaves one that says Retry-After alone for so long, and goes elsewhere meanwhile', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const [full, other] = server.nodes as [HostileNode, HostileNode];
    full.refusal = { status: 503, headers: { 'Retry-After': '60' } };
    const client = newClient(server, { clock, random: inOrder, backoff: { baseMs: 100, maxMs: 100 } });
    const connected = client.connect();
    expect(await reached(client, 'offline')).toMatchObject({ retryInMs: 100 });
    clock.advance(100);
    await connected;
    other.refusal = { status: 503, headers: { 'Retry-After': '120' } };
    const lost = reached(client, 'offline');
    server.kill();
    clock.advance((await lost).retryInMs ?? 0);
    const { retryInMs } = await reached(client, 'offline');
    expect([full.attempts, other.attempts]).toEqual([1, 2]);
    expect(retryInMs).toBe(60_000 - 200 + 100);
  });

  it('goes elsewhere when a node only holds the line', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const client = newClient(server, { clock });
    await client.connect();
    const frozen = nodeOf(server, client);
    frozen.isFrozen = true;
    clock.advance(server.heartbeatMs);
    const offline = reached(client, 'offline');
    clock.advance(10_000);
    const open = reached(client, 'open');
    clock.advance((await offline).retryInMs ?? 0);
    await open;
    expect(nodeOf(server, client)).not.toBe(frozen);
  });

  it('tries another when one takes the connection and says nothing', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const [frozen, other] = server.nodes as [HostileNode, HostileNode];
    frozen.isFrozen = true;
    const client = newClient(server, { clock, random: inOrder });
    const connected = client.connect();
    await until(() => frozen.attempts === 1);
    const offline = reached(client, 'offline');
    clock.advance(10_000);
    clock.advance((await offline).retryInMs ?? 0);
    await connected;
    expect(nodeOf(server, client)).toBe(other);
  });

  it('passes over an address where no gateway is; it ends when there is none at any', async () => {
    const server = await startServer(3);
    const [a, b, c] = server.nodes as [HostileNode, HostileNode, HostileNode];
    a.refusal = b.refusal = { status: 404 };
    const client = newClient(server, { url: ['nonsense', ...server.urls], random: inOrder });
    await client.connect();
    expect(nodeOf(server, client)).toBe(c);
    c.refusal = { status: 404 };
    await expect(newClient(server, { url: ['nonsense', ...server.urls] }).connect()).rejects.toMatchObject({
      name: 'Closed',
    });
  });

  it('ends at once where every node would say the same', async () => {
    const server = await startServer(2);
    for (const status of [401, 403]) {
      server.refuse = () => ({ status });
      const before = server.nodes.map(({ attempts }) => attempts).reduce((sum, n) => sum + n);
      await expect(newClient(server).connect()).rejects.toMatchObject({ name: 'Closed' });
      expect(server.nodes.map(({ attempts }) => attempts).reduce((sum, n) => sum + n)).toBe(before + 1);
    }
  });

  it('needs at least one', async () => {
    const server = await startServer();
    expect(() => newClient(server, { url: [] })).toThrow('no address');
  });
});

describe('a node that is going away', () => {
  it('is left for another before it closes, when it asked for that; nothing is interrupted', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const client = newClient(server, { clock });
    await client.connect();
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ content }) => seen.push(content));
    const old = nodeOf(server, client);
    const states = statesOf(client);
    server.drain(old, 700);
    await client.command('ping', {});
    clock.advance(699);
    expect(server.connections).toBe(1);
    const open = reached(client, 'open');
    clock.advance(1);
    await room.send('on the old one');
    await open;
    expect(nodeOf(server, client)).not.toBe(old);
    server.post('lobby', 'to both');
    await room.send('on the new one');
    expect(seen).toEqual(['on the old one', 'to both', 'on the new one']);
    expect(states).toEqual(['recovering', 'open']);
    // A goodbye would be shown to others as leaving, and the node closes it anyway.
    expect(server.peersOf(old)).toHaveLength(1);
    expect(server.peersOf(old)[0]?.received.some(({ message_type }) => message_type === 'leave_room')).toBe(false);
  });

  it('is left once it has answered what it was asked', async () => {
    const server = await startServer(2);
    const client = newClient(server);
    await client.connect();
    const old = nodeOf(server, client);
    const [peer] = server.peers;
    const waiting: number[] = [];
    server.intercept = ({ message_type, message_id = 0 }) => {
      if (message_type !== 'slow') return undefined;
      waiting.push(message_id);
      return 'lost';
    };
    const slow = client.command('slow');
    await until(() => waiting.length === 1);
    server.drain(old, 0);
    await until(() => server.connections === 2);
    const open = reached(client, 'open');
    peer?.socket.send(JSON.stringify({ message_type: 'slow_reply', request_id: waiting[0], data: 7, timestamp: 1 }));
    expect(await slow).toBe(7);
    await open;
    expect(client.session?.node_id).not.toBe(`n${server.nodes.indexOf(old)}`);
  });

  it('hands over the inbox as it stands then: what came while it was being left comes once', async () => {
    // The new connection's first frame told of an inbox without the message, which was taken for one that was made anew.
    const server = await startServer(2);
    const client = newClient(server);
    await client.connect();
    const [peer] = server.peers;
    const seen: unknown[] = [];
    client.on('direct_message', ({ content }) => seen.push(content));
    client.on('lost', (loss) => seen.push(loss));
    let slowId = 0;
    server.intercept = ({ message_type, message_id = 0 }) => {
      if (message_type !== 'slow') return undefined;
      slowId = message_id;
      return 'lost';
    };
    const slow = client.command('slow');
    await until(() => slowId > 0);
    server.drain(nodeOf(server, client), 0);
    await until(() => server.connections === 2);
    server.direct('bob', 'alice', 'a');
    await until(() => seen.length === 1);
    const open = reached(client, 'open');
    peer?.socket.send(JSON.stringify({ message_type: 'slow_reply', request_id: slowId, data: 7, timestamp: 1 }));
    await Promise.all([slow, open]);
    server.direct('bob', 'alice', 'b');
    await until(() => seen.length > 1);
    expect(seen).toEqual(['a', 'b']);
  });

  it('is not waited for longer than a second: what it owes then fails, messages are sent again', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const client = newClient(server, { clock });
    await client.connect();
    const room = await client.join('lobby');
    const old = nodeOf(server, client);
    server.intercept = ({ message_type }, { node }) =>
      node === old && (message_type === 'slow' || message_type === 'room_message') ? 'lost' : undefined;
    const slow = client.command('slow').catch((thrown: unknown) => thrown);
    const sent = room.send('kept');
    server.drain(old, 0);
    await until(() => {
      clock.advance(0);
      return server.connections === 2;
    });
    await until(() => {
      clock.advance(100);
      return client.session !== null && nodeOf(server, client) !== old;
    });
    expect(await slow).toMatchObject({ name: 'Disconnected' });
    expect(await sent).toMatchObject({ seq: 1 });
  });

  it('that closes before the time is followed by another at that time', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const client = newClient(server, { clock });
    await client.connect();
    const old = nodeOf(server, client);
    server.drain(old, 900);
    await client.command('ping', {});
    clock.advance(400);
    const offline = reached(client, 'offline');
    for (const { socket } of server.peersOf(old)) socket.close(1012);
    expect(await offline).toMatchObject({ retryInMs: 500 });
    const open = reached(client, 'open');
    clock.advance(500);
    await open;
    expect(nodeOf(server, client)).not.toBe(old);
    expect(old.attempts).toBe(1);
  });

  it('goes on to serve where no other can be had', async () => {
    const clock = new ManualClock();
    const server = await startServer(2);
    const client = newClient(server, { clock, backoff: { baseMs: 100, maxMs: 100 } });
    await client.connect();
    const old = nodeOf(server, client);
    const other = server.nodes.find((node) => node !== old) as HostileNode;
    other.refusal = { status: 503, headers: { 'Retry-After': '2' } };
    const states = statesOf(client);
    server.drain(old, 10);
    await client.command('ping', {});
    clock.advance(10);
    await until(() => other.attempts === 1);
    expect(await client.command('ping', {})).toEqual({ server_ts: 1 });
    expect(states).toEqual([]);
    other.refusal = undefined;
    const open = reached(client, 'open');
    await until(() => {
      clock.advance(100);
      return other.attempts > 1;
    });
    await open;
    expect(nodeOf(server, client)).toBe(other);
  });

  it('is stayed with when the other is lost before the change', async () => {
    const server = await startServer(2);
    const client = newClient(server, { backoff: { baseMs: 60_000, maxMs: 60_000 }, random: () => 1 });
    await client.connect();
    const old = nodeOf(server, client);
    let slowId = 0;
    server.intercept = ({ message_type, message_id = 0 }) => {
      if (message_type !== 'slow') return undefined;
      slowId = message_id;
      return 'lost';
    };
    const slow = client.command('slow');
    await until(() => slowId > 0);
    const [peer] = server.peers;
    server.drain(old, 0);
    await until(() => server.connections === 2);
    // What is new waits from when the other one is ready.
    const pings: Promise<unknown>[] = [];
    await until(() => {
      pings.push(client.command('ping', {}));
      return pings.length > (peer?.received.length ?? 0) + 100;
    });
    for (const other of server.nodes) if (other !== old) await other.down();
    await Promise.all(pings);
    expect(peer?.received).toHaveLength(1 + pings.length);
    peer?.socket.send(JSON.stringify({ message_type: 'slow_reply', request_id: slowId, data: 7, timestamp: 1 }));
    expect(await slow).toBe(7);
  });
});
