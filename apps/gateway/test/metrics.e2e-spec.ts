import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bus, Database, type SqliteDatabase } from '@hubbub/hubbub';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { MetricsLedger, read, readFamilies, SOME, Traffic } from './metrics-ledger.js';
import {
  appended,
  asked,
  auth,
  Custom,
  closed,
  closedOther,
  failed,
  MOVED_AT_LIMITS,
  MOVED_BY_CACHES,
  MOVED_IN_CLUSTERS,
  ok,
} from './metrics-samples.js';

type Subject = Parameters<Bus['publish']>[0];

const SUBJECT = 'hubbub.evt.node.test.moved' as Subject;
const now = () => Math.floor(Date.now() / 1000);

/** Every metric of the exposition moves when its thing happens, by as much as happened, and no other one does. */
describe('metrics', () => {
  const moved = new Set<string>();
  /** All samples of all the gateways. */
  const exposed = new Map<string, number>();
  const look = async (gateway: TestGateway) => {
    for (const [sample, value] of await read(gateway)) exposed.set(sample, value);
  };
  const traffic = new Traffic();
  const admin = { permissions: ['admin:system', 'admin:room'] };
  let gateway: TestGateway;
  let ledger: MetricsLedger;
  let alice: TestClient;
  let tablet: TestClient;
  let bob: TestClient;
  const connect = async (userId: string) => traffic.add(await gateway.connect(userId));

  beforeAll(async () => {
    gateway = await startGateway({
      presence: { graceMs: 200 },
      limits: { malformedFrames: 1 },
      log: { level: 'fatal' },
      providers: [Custom],
    });
    ledger = new MetricsLedger(gateway, moved);
  });
  afterAll(() => gateway.close());

  it('start at zero, but for the node itself', () => ledger.moves({ nodes: 1 }, () => undefined));

  it('connections are counted one by one, their users once', async () => {
    alice = await ledger.moves({ connections: 1, users: 1, [auth('accepted')]: 1 }, () => connect('zelda-user'));
    tablet = await ledger.moves({ connections: 1, [auth('accepted')]: 1 }, () => connect('zelda-user'));
    bob = await ledger.moves({ connections: 1, users: 1, [auth('accepted')]: 1 }, () => connect('bob-user'));
  });

  it('a stranger counts as a connection at once, as a user when he is one, and as one closed when he goes', async () => {
    const stranger = await ledger.moves({ connections: 1 }, async () => traffic.add(await gateway.open()));
    await ledger.moves({ [failed('list_rooms', 2000)]: 1 }, () => stranger.request('list_rooms'));
    await ledger.moves({ [auth('invalid')]: 1, [failed('authenticate', 2003)]: 1 }, () =>
      stranger.request('authenticate', { token: 'broken' }),
    );
    await ledger.moves({ [auth('accepted')]: 1, [ok('authenticate')]: 1, users: 1 }, () =>
      stranger.command('authenticate', { token: gateway.token('late-user') }),
    );
    await ledger.moves({ connections: -1, users: -1, [closed(1000)]: 1 }, () => stranger.close());
  });

  it('a refused upgrade is an outcome of authentication, and no connection that ended', async () => {
    const refused = (token: string) => expect(gateway.open({ token })).rejects.toThrow('401');
    await ledger.moves({ [auth('invalid')]: 1 }, () => refused('broken'));
    await ledger.moves({ [auth('expired')]: 1 }, () =>
      refused(gateway.token('late-user', { claims: { exp: now() - 5 } })),
    );
    const token = gateway.token('late-user', { claims: { jti: 'bad' } });
    await ledger.moves({ [auth('accepted')]: 1, ...asked }, () =>
      gateway.fetch('DELETE', '/api/tokens/bad', { token: gateway.token('root-user', admin) }),
    );
    await ledger.moves({ [auth('revoked')]: 1 }, () => refused(token));
  });

  it('sign-ins are counted by how they ended', async () => {
    const body = { username: 'Account', password: 'correct horse' };
    const post = (path: string, sent: object) => gateway.fetch('POST', `/api/auth/${path}`, { body: sent });
    await ledger.moves({ [auth('registered')]: 1 }, () => post('register', body));
    const { body: tokens } = await ledger.moves({ [auth('signed_in')]: 1 }, () => post('login', body));
    await ledger.moves({ [auth('wrong_password')]: 2 }, async () => {
      await post('login', { ...body, password: 'wrong horse' });
      await post('login', { ...body, username: 'nobody' });
    });
    const { refresh_token } = tokens as { refresh_token: string };
    await ledger.moves({ [auth('refreshed')]: 1 }, () => post('refresh', { refresh_token }));
    await ledger.moves({ [auth('wrong_refresh_token')]: 1 }, () => post('refresh', { refresh_token: 'none' }));
  });

  it('commands are counted by type and code; whatever has no handler is one type', async () => {
    await ledger.moves({ [ok('ping')]: 3 }, () => Promise.all([1, 2, 3].map(() => alice.command('ping'))));
    await ledger.moves({ [failed('unknown', 1006)]: 2 }, () =>
      Promise.all([alice.request('made_up'), alice.request('__proto__')]),
    );
    await ledger.moves({ [failed('unknown', 1001)]: 1, [ok('ping')]: 1 }, async () => {
      alice.sendFrame('{');
      await alice.settle();
    });
    await ledger.moves({ [failed('join_room', 1001)]: 1 }, () => alice.request('join_room', { room_id: 7 }));
    await ledger.moves({ [failed('explode', 1000)]: 1 }, () => alice.request('explode'));
    await ledger.moves({ [ok('count_down')]: 1 }, async () => {
      const { request_id } = await alice.request('count_down');
      await alice.nextFrame((frame) => frame.message_type === 'done' && frame.request_id === request_id);
    });
  });

  it('a room counts while somebody is in it, a member once a room, a join once a connection', async () => {
    const room_id = 'lobby-room';
    await ledger.moves({ [ok('create_room')]: 1 }, () => alice.command('create_room', { room_id }));
    const joined = { [ok('join_room')]: 1, joins_total: 1 };
    await ledger.moves({ ...joined, rooms: 1, room_members: 1 }, () => alice.command('join_room', { room_id }));
    await ledger.moves(joined, () => tablet.command('join_room', { room_id }));
    await ledger.moves({ ...joined, room_members: 1 }, () => bob.command('join_room', { room_id }));
    await ledger.moves({ [failed('join_room', 3004)]: 1 }, () => bob.request('join_room', { room_id }));
    await ledger.moves({ [ok('leave_room')]: 1, leaves_total: 1 }, () => tablet.command('leave_room', { room_id }));
    await ledger.moves({ [failed('leave_room', 3003)]: 1 }, () => tablet.request('leave_room', { room_id }));
  });

  it('a message that is stored is counted once, and so is its commit; a repeat and an ephemeral one are not stored', async () => {
    const post = (more: object = {}) => bob.command('room_message', { room_id: 'lobby-room', content: 'x', ...more });
    for (let n = 0; n < 3; n++) await ledger.moves({ [ok('room_message')]: 1, ...appended(1) }, () => post());
    await ledger.moves({ [ok('room_message')]: 1, ...appended(1) }, () => post({ idempotency_key: 'k' }));
    await ledger.moves({ [ok('room_message')]: 1, ...appended(1), appended_messages_total: 0 }, () =>
      post({ idempotency_key: 'k' }),
    );
    await ledger.moves({ [ok('room_message')]: 1 }, () => post({ ephemeral: true }));
    await ledger.moves({ [ok('direct_message')]: 1, ...appended(1) }, () =>
      bob.command('direct_message', { target_id: 'zelda-user', content: 'psst' }),
    );
    await ledger.moves({ [auth('accepted')]: 1, ...appended(1) }, () =>
      gateway.fetch('POST', '/api/rooms/lobby-room/messages', {
        token: gateway.token('bob-user'),
        body: { content: 'by post' },
      }),
    );
  });

  it('a batch counts each message and the commit once', async () => {
    const counts = { append_duration_seconds_count: SOME, append_batch_messages_count: SOME } as const;
    const expected = {
      [ok('room_message')]: 30,
      appended_messages_total: 30,
      append_batch_messages_sum: 30,
      ...counts,
    };
    await ledger.moves(expected, () =>
      Promise.all(Array.from({ length: 30 }, () => bob.command('room_message', { room_id: 'lobby-room', content: 1 }))),
    );
    const found = await read(gateway);
    expect(found.get('append_batch_messages_count')).toBe(found.get('append_duration_seconds_count'));
    expect(found.get('append_batch_messages_count')).toBeLessThan(30);
  });

  it('a hook that throws is counted, and its command succeeds', () =>
    ledger.moves({ hook_errors_total: 1, [ok('room_message')]: 1, ...appended(1) }, () =>
      alice.command('room_message', { room_id: 'lobby-room', content: 'explode' }),
    ));

  it('what an application puts on the bus is counted, and its handler that throws', async () => {
    const bus = gateway.app.get(Bus);
    await ledger.moves({ bus_published_total: 2 }, async () => {
      for (let n = 0; n < 2; n++) bus.publish(SUBJECT, Buffer.from('x'));
    });
    const subscription = await bus.subscribe(SUBJECT, () => {
      throw new Error('a subscriber that throws');
    });
    await ledger.moves({ bus_published_total: 1, bus_received_total: 1, bus_errors_total: 1 }, async () =>
      bus.publish(SUBJECT, Buffer.from('x')),
    );
    await subscription.unsubscribe();
  });

  it('events for services are published while anybody may hear them', async () => {
    const bus = gateway.app.get(Bus);
    const post = () => bob.command('room_message', { room_id: 'lobby-room', content: 'heard?', ephemeral: true });
    const posted = { [ok('room_message')]: 1 };
    await ledger.moves(posted, post);
    const subscription = await bus.subscribe(SUBJECT, () => undefined);
    // That a client has sent something, and what.
    await ledger.moves({ ...posted, events_published_total: 2, bus_published_total: 2 }, post);
    await subscription.unsubscribe();
    await ledger.moves(posted, post);
  });

  it('a hole, a lock and a full disk are counted', async () => {
    const post = (content: string) => bob.request('room_message', { room_id: 'lobby-room', content });
    // On the same database, with a bus of its own: to the first one it is a node of which it hears nothing.
    const other = await startGateway({ log: { level: 'fatal' }, dataDir: gateway.dataDir });
    const token = other.token('bob-user');
    await other.fetch('POST', '/api/rooms/lobby-room/messages', { token, body: { content: 'elsewhere' } });
    await ledger.moves({ repairs_total: 1, repaired_messages_total: 1, [ok('room_message')]: 1, ...appended(1) }, () =>
      post('here'),
    );

    let free = (): void => undefined;
    await new Promise<void>((locked) => {
      void other.app.get(Database).transaction(() => {
        locked();
        return new Promise<void>((release) => (free = release));
      });
    });
    await ledger.moves({ database_retries_total: SOME, [ok('room_message')]: 1, ...appended(1) }, async () => {
      const waiting = post('held up');
      while ((await read(gateway)).get('database_retries_total') === 0) await sleep(5);
      free();
      await waiting;
    });
    await other.close();

    const database = gateway.app.get<SqliteDatabase>(Database);
    const pages = Number(database.sqlite().pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages}`);
    await ledger.moves({ database_errors_total: 1, [failed('room_message', 1003)]: 1 }, () => post('x'.repeat(50_000)));
    database.pragma('max_page_count = 1000000');
  });

  it('frames, bytes and deliveries are those that the clients sent and got; each command has one duration', async () => {
    await ledger.moves({ [auth('accepted')]: 1, ...asked }, () =>
      gateway.fetch('POST', '/api/broadcast', { token: gateway.token('root-user', admin), body: { message: 'all' } }),
    );
    await ledger.agreesWith(traffic);
    await ledger.hasOneDurationPerCommand();
  });

  it('however a membership ends, it has been left once', async () => {
    const join = async (room_id: string, ...members: TestClient[]) => {
      for (const member of members) await member.command('join_room', { room_id });
    };
    await ledger.moves(
      { [ok('create_room')]: 2, [ok('join_room')]: 6, joins_total: 6, rooms: 2, room_members: 4 },
      async () => {
        for (const room_id of ['doomed-room', 'kicked-room']) {
          await alice.command('create_room', { room_id });
          await join(room_id, alice, tablet, bob);
        }
      },
    );
    await ledger.moves({ [ok('delete_room')]: 1, ...asked, rooms: -1, room_members: -2, leaves_total: 3 }, () =>
      alice.command('delete_room', { room_id: 'doomed-room' }),
    );
    await ledger.moves({ [ok('kick_member')]: 1, ...asked, room_members: -1, leaves_total: 1 }, () =>
      alice.command('kick_member', { room_id: 'kicked-room', user_id: 'bob-user' }),
    );
    await ledger.moves({ connections: -1, [closed(1000)]: 1, leaves_total: 1 }, () => tablet.close());
    // Lobby and kicked: his user leaves the rooms after the grace, the connection left at once.
    await ledger.moves(
      { connections: -1, users: -1, [closed(1006)]: 1, leaves_total: 2, rooms: -1, room_members: -2 },
      () => alice.vanish(),
    );
    await ledger.moves(
      { connections: -1, users: -1, [closed(1009)]: 1, leaves_total: 1, rooms: -1, room_members: -1 },
      async () => {
        bob.sendFrame('x'.repeat(70_000));
        await bob.closed;
      },
    );
  });

  it('connections that the server ends are counted by its reason', async () => {
    const came = { [auth('accepted')]: 1 };
    const token = gateway.token('root-user', admin);
    await ledger.moves({ ...came, [ok('close')]: 1, [closed(1000)]: 1 }, async () => {
      const client = await gateway.connect('brief-user');
      client.sendFrame({ message_type: 'close' });
      await client.closed;
    });
    await ledger.moves({ [auth('accepted')]: 2, ...asked, [closed(4502)]: 1 }, async () => {
      const client = await gateway.connect('brief-user');
      await gateway.fetch('DELETE', `/api/clients/${String(client.frames[0]?.data['connection_id'])}`, { token });
      await client.closed;
    });
    await ledger.moves({ ...came, [failed('unknown', 1001)]: 2, [closed(4504)]: 1 }, async () => {
      const client = await gateway.connect('brief-user');
      client.sendFrame('{');
      client.sendFrame('{');
      await client.closed;
    });
    await ledger.moves({ ...came, [closed(1002)]: 1 }, async () => {
      const client = await gateway.connect('brief-user');
      // A frame with a reserved bit set.
      rawSocketOf(client).write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]));
      await client.closed;
    });
    await ledger.moves({ ...came, [closedOther]: 1 }, async () => {
      const client = await gateway.connect('brief-user');
      client.socket.close(4999);
      await client.closed;
    });
  });

  it('every gauge is back where it was', async () => {
    const found = await read(gateway);
    const gauges = ['connections', 'users', 'rooms', 'room_members'];
    expect(gauges.map((name) => found.get(name))).toEqual([0, 0, 0, 0]);
    await look(gateway);
  });

  it('a node that has what it needs is healthy by every check', async () => {
    const found = await read(gateway);
    const checks = [...found].filter(([sample]) => sample.startsWith('healthy{'));
    expect(checks.map(([sample]) => sample)).toContain('healthy{check="database"}');
    expect(checks.filter(([, value]) => value !== 1)).toEqual([]);
    moved.add('healthy');
  });

  it('every metric that there is was seen moving, here or in the suites beside this one', async () => {
    const names = await readFamilies(gateway);
    expect(names.length).toBeGreaterThan(25);
    expect([...moved, ...MOVED_BY_CACHES, ...MOVED_AT_LIMITS, ...MOVED_IN_CLUSTERS].sort()).toEqual(names.sort());
  });

  it('labels are of closed sets: no id of a user, a room or a connection is among them', async () => {
    const labels = [...exposed.keys()].flatMap((sample) => [...sample.matchAll(/(\w+)="([^"]*)"/g)]);
    const valuesOf = (wanted: string) => [
      ...new Set(labels.filter(([, label]) => label === wanted).map(([, , value]) => value)),
    ];
    expect([...new Set(labels.map(([, label]) => label))].sort()).toEqual(['check', 'code', 'result', 'type']);
    for (const code of valuesOf('code')) expect(code).toMatch(/^(0|[1-4][0-9]{3}|other)$/);
    for (const result of valuesOf('result')) expect(result).toMatch(/^[a-z_]+$/);
    // Every id here has a hyphen; every made-up type would be a type of its own.
    for (const type of valuesOf('type')) expect(type).toMatch(/^[a-z_]+$/);
    expect(valuesOf('type')).not.toContain('made_up');
    const { text } = await gateway.fetch('GET', '/metrics');
    expect(text).not.toMatch(/zelda|lobby|bob-user|[0-9a-f]{8}-[0-9a-f]{4}-/);
  });
});

function rawSocketOf(client: TestClient): Socket {
  return Reflect.get(client.socket, '_socket') as Socket;
}
