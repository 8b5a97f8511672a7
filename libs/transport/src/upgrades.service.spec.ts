import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Connection } from './connection.js';
import { Connections } from './connections.js';
import { Push } from './push.js';
import { RawSocket } from './testing/raw-socket.js';
import { Refused } from './testing/refused.js';
import { WireApp } from './testing/wire-harness.js';

/** The HTTP answer to an upgrade that is not let in. */
async function refusal(attempt: Promise<unknown>): Promise<Refused> {
  const outcome = await attempt.catch((error: unknown) => error);
  if (outcome instanceof Refused) return outcome;
  throw new Error('the upgrade was not refused', { cause: outcome });
}

describe('connecting (PROTOCOL §1)', () => {
  let node: WireApp;
  beforeAll(async () => {
    node = await WireApp.start();
  });
  afterAll(() => node.stop());

  it('tells a connection first who it is and what applies to it', async () => {
    const alice = await node.connect('alice');
    const connected = await alice.next('connected');
    expect(alice.frames[0]).toBe(connected);
    expect(connected.data).toEqual({
      connection_id: node.of('alice').id,
      node_id: 'node-1',
      protocol: 'hubbub.v1',
      user_id: 'alice',
      username: 'alice',
      anonymous: false,
      authenticated: true,
      permissions: ['read:message'],
      inbox_epoch: 'inbox',
      inbox_seq: 7,
      heartbeat_interval_ms: 25_000,
      max_message_bytes: 65_536,
      commands_per_s: 50,
      commands_burst: 100,
      server_version: '1.2.3',
    });
    expect(alice.protocol).toBe('');
  });

  it('sends the answer to the upgrade and `connected` in one piece', async () => {
    const { socket, head } = await RawSocket.connect(node.ws, { authorization: 'Bearer piece' });
    expect(head).toContain('101');
    // What came with the headers lies ready: no second read was needed.
    expect((socket.read() as Buffer).toString()).toContain('"message_type":"connected"');
    socket.destroy();
  });

  it('takes the token of a browser from the subprotocols and selects ours', async () => {
    const bob = await node.connect(undefined, { protocols: ['hubbub.v1', 'bearer.bob'] });
    expect((await bob.next('connected')).data.user_id).toBe('bob');
    expect(bob.protocol).toBe('hubbub.v1');
  });

  it.each([
    ['an expired token', { token: 'expired' }, 401, 2002, 'TokenExpired'],
    ['an invalid token', { token: 'no such' }, 401, 2003, 'InvalidToken'],
    ['an unknown subprotocol', { protocols: ['graphql-ws'] }, 400, 1001, 'InvalidFormat'],
    ['a bearer subprotocol alone', { protocols: ['bearer.alice'] }, 400, 1001, 'InvalidFormat'],
    ['a foreign origin', { headers: { origin: 'https://evil.example' } }, 403, 2001, 'Forbidden'],
  ])('refuses %s with a JSON body', async (_, options, status, code, name) => {
    const refused = await refusal(node.connect(undefined, options));
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ code, name, retryable: false });
    expect(refused.headers['content-type']).toContain('application/json');
  });

  it('answers an upgrade elsewhere with 404 and a plain GET with 426', async () => {
    const path = await RawSocket.connect(node.ws.replace('/ws', '/elsewhere'));
    expect(path.status).toBe(404);
    path.socket.destroy();
    const plain = await fetch(`${node.http}/ws`);
    expect(plain.status).toBe(426);
    expect(plain.headers.get('upgrade')).toBe('websocket');
    expect(await plain.json()).toMatchObject({ code: 1001, name: 'InvalidFormat' });
  });

  it('answers a broken handshake instead of hanging up', async () => {
    const broken = await RawSocket.connect(node.ws, { 'Sec-WebSocket-Key': 'short' });
    expect(broken.status).toBe(400);
    broken.socket.resume();
    await once(broken.socket, 'close');
  });

  it('does not open what cannot have its inbox, and says to come back', async () => {
    node.inboxes.isAway = true;
    const refused = await refusal(node.connect('dora'));
    node.inboxes.isAway = false;
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 1003, retryable: true });
    expect(node.connections.ofUser('dora').size).toBe(0);
    await node.connect('dora');
  });

  it('holds pushes that come before the connection is open behind `connected`, in order', async () => {
    let open = (): void => undefined;
    node.inboxes.gate = new Promise((resolve) => (open = resolve));
    const connecting = node.connect('erik');
    await identified(node.connections, 'erik');
    for (const count of [1, 2, 3])
      for (const early of node.connections.ofUser('erik')) early.send(Push.of('online', { count }));
    node.inboxes.gate = null;
    open();
    const erik = await connecting;
    await erik.next('online', ({ data }) => data.count === 3);
    expect(erik.frames.map(({ message_type, data }) => [message_type, data.count])).toEqual([
      ['connected', undefined],
      ['online', 1],
      ['online', 2],
      ['online', 3],
    ]);
  });

  it('forgets a client that hangs up while it is being asked who it is', async () => {
    let open = (): void => undefined;
    node.inboxes.gate = new Promise((resolve) => (open = resolve));
    const known = identified(node.connections, 'fred');
    const client = new WebSocket(`${node.ws}?token=fred`);
    client.on('error', () => undefined);
    const pending = await known;
    const ended = node.ended(pending);
    client.terminate();
    node.inboxes.gate = null;
    open();
    expect(await ended).toEqual({ code: 1006, clean: false });
    expect(node.connections.ofUser('fred').size).toBe(0);
    expect(node.inboxes.attached.has(pending)).toBe(false);
  });

  it('refuses who is closed while being let in', async () => {
    let open = (): void => undefined;
    node.inboxes.gate = new Promise((resolve) => (open = resolve));
    const known = identified(node.connections, 'gina');
    const refused = refusal(node.connect('gina'));
    (await known).close('Revoked');
    node.inboxes.gate = null;
    open();
    expect((await refused).status).toBe(503);
    expect(node.connections.ofUser('gina').size).toBe(0);
    expect(node.inboxes.attached.size).toBe(node.connections.userCount);
  });
});

/** The connection of `userId` as soon as it has an identity, open or not. */
function identified(connections: Connections, userId: string) {
  return new Promise<Parameters<Parameters<Connections['onIdentified']>[0]>[0]>((resolve) => {
    connections.onIdentified((connection) => {
      if (connection.identity?.userId === userId) resolve(connection);
    });
  });
}

describe('limits at the upgrade', () => {
  let node: WireApp;
  afterEach(() => node.stop());

  it('refuses too many connections of one address with 429', async () => {
    node = await WireApp.start({ server: { maxConnectionsPerIp: 2 } });
    const alice = await node.connect('alice');
    await node.connect('bob');
    const refused = await refusal(node.connect('carol'));
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.body).toMatchObject({ code: 1005, retry_after_ms: 5000 });
    await alice.close();
    await node.connect('carol');
  });

  it('counts a /64 network as one address, as everybody with IPv6 has that many', async () => {
    node = await WireApp.start({ server: { maxConnectionsPerIp: 2, trustProxy: true } });
    const from = (address: string) => node.connect('alice', { headers: { 'x-forwarded-for': address } });
    const first = await from('2001:db8::1');
    await from('2001:db8::2');
    expect((await refusal(from('2001:db8:0:0:ffff::3'))).status).toBe(429);
    await from('2001:db8:0:1::1');
    const ended = node.ended([...node.connections.all()][0] as Connection);
    await first.close();
    await ended;
    await from('2001:db8::4');
  });

  it('refuses too many connections of one user with 429', async () => {
    node = await WireApp.start({ limits: { connectionsPerUser: 2 } });
    const first = await node.connect('alice');
    await node.connect('alice');
    const refused = await refusal(node.connect('alice'));
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([429, 1005, '5']);
    await node.connect('bob');
    await first.close();
    await node.connect('alice');
  });

  it('lets no more than the limit in when they come at the same moment', async () => {
    node = await WireApp.start({ limits: { connectionsPerUser: 3 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => node.connect('alice')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('closes the oldest with 4503 where the policy is to replace', async () => {
    node = await WireApp.start({ limits: { connectionsPerUser: 2, connectionsPerUserPolicy: 'replace' } });
    const [first, second, third] = [
      await node.connect('alice'),
      await node.connect('alice'),
      await node.connect('alice'),
    ];
    expect(await first.closed).toMatchObject({ code: 4503 });
    expect((await second.command('ping')).message_type).toBe('pong');
    expect((await third.command('ping')).message_type).toBe('pong');
    expect(node.connections.ofUser('alice').size).toBe(2);
  });

  it('refuses with 503 when the node is full, and keeps the place of who was lost', async () => {
    node = await WireApp.start({ server: { maxConnections: 2 } });
    const alice = await node.connect('alice');
    const bob = await node.connect('bob');
    const full = await refusal(node.connect('carol'));
    expect([full.status, full.body.code, full.headers['retry-after']]).toEqual([503, 1003, '5']);
    const lost = node.ended(node.of('alice'));
    await alice.cut();
    expect(await lost).toEqual({ code: 1006, clean: false });
    expect((await refusal(node.connect('carol'))).status).toBe(503);
    await node.connect('alice');
    await bob.close();
    await node.connect('carol');
  });
});

describe('without credentials', () => {
  let node: WireApp;
  afterEach(() => node.stop());

  it('a connection is open but nobody, until it says who it is', async () => {
    node = await WireApp.start();
    const nobody = await node.connect();
    expect((await nobody.next('connected')).data).toMatchObject({
      user_id: null,
      username: null,
      anonymous: false,
      authenticated: false,
      permissions: [],
      inbox_seq: 0,
    });
    expect((await nobody.command('ping')).message_type).toBe('pong');
    expect((await nobody.command('room_message')).data).toMatchObject({ code: 2000, name: 'Unauthorized' });
    expect([node.connections.count, node.connections.userCount]).toEqual([1, 0]);
  });

  it('a connection is closed with 4500 when it has not said so in time', async () => {
    node = await WireApp.start({ auth: { deadlineMs: 50 } });
    const [nobody, alice] = [await node.connect(), await node.connect('alice')];
    expect(await nobody.closed).toMatchObject({ code: 4500 });
    expect((await alice.command('ping')).message_type).toBe('pong');
  });

  it('a connection is anonymous where that is allowed, with a user id of its own', async () => {
    node = await WireApp.start();
    node.authenticator.anonymousAccess = true;
    const [one, two] = [await node.connect(), await node.connect()];
    const guest = (await one.next('connected')).data;
    expect(guest).toMatchObject({ anonymous: true, authenticated: false, permissions: ['read:message'] });
    expect((await two.next('connected')).data.user_id).not.toBe(guest.user_id);
    expect(node.connections.userCount).toBe(2);
  });

  it('a wrong token is refused all the same', async () => {
    node = await WireApp.start();
    node.authenticator.anonymousAccess = true;
    expect((await refusal(node.connect('expired'))).status).toBe(401);
  });
});

describe('an upgrade that nobody can answer', () => {
  it('is answered 500 without a word of why', async () => {
    const node = await WireApp.start();
    node.app.useLogger(false);
    node.authenticator.gate = Promise.reject(new Error('secret detail'));
    node.authenticator.gate.catch(() => undefined);
    const refused = await refusal(node.connect('alice'));
    expect(refused.status).toBe(500);
    expect(refused.body).toMatchObject({ code: 1000, name: 'Unknown' });
    expect(JSON.stringify(refused.body)).not.toContain('secret');
    expect(node.connections.count).toBe(0);
    await node.stop();
  });
});
