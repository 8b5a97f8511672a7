import { startGateway } from '@hubbub/testing';
import { MetricsLedger, read, SOME } from './metrics-ledger.js';
import { auth, closed, failed, MOVED_AT_LIMITS, ok } from './metrics-samples.js';

/** What moves where somebody is at a limit. */
describe('metrics at the limits', () => {
  const moved = new Set<string>();

  it('a refusal for its rate is counted, whether it is of a command, a request, a sign-in or a connection', async () => {
    const limits = {
      commandsPerS: 1,
      commandsBurst: 5,
      httpPerS: 1,
      httpBurst: 10,
      authPerMin: 1,
      connectionsPerUser: 1,
    };
    const limited = await startGateway({ limits, auth: { anonymous: { enabled: true } } });
    const books = new MetricsLedger(limited, moved);
    const client = await books.moves({ nodes: 1, connections: 1, users: 1, [auth('anonymous')]: 1 }, () =>
      limited.open(),
    );
    await books.moves({ [ok('ping')]: 5, [failed('ping', 1005)]: 2, rate_limited_total: 2 }, () =>
      Promise.all(Array.from({ length: 7 }, () => client.request('ping'))),
    );
    await books.moves({ [auth('accepted')]: 2, connections: 1, users: 1, rate_limited_total: 1 }, async () => {
      await limited.connect('one-user');
      await expect(limited.connect('one-user')).rejects.toThrow('429');
    });
    const body = { username: 'nobody', password: 'wrong horse' };
    const signIn = () => limited.fetch('POST', '/api/auth/login', { body });
    await books.moves({ [auth('wrong_password')]: 1, rate_limited_total: 1 }, async () => {
      expect([(await signIn()).status, (await signIn()).status]).toEqual([401, 429]);
    });
    await books.moves({ rate_limited_total: SOME }, async () => {
      while ((await limited.fetch('GET', '/api/rooms')).status !== 429);
    });
    await limited.close();
  });

  it('frames dropped for a reader that stalls are those that it misses, and one that never reads is counted once', async () => {
    const busy = await startGateway({ limits: { sendBufferBytes: 262_144 } });
    const [sender, slow] = [await busy.connect('sender-user'), await busy.connect('slow-user')];
    await sender.command('create_room', { room_id: 'busy-room' });
    for (const client of [sender, slow]) await client.command('join_room', { room_id: 'busy-room' });
    const post = (ephemeral: boolean) =>
      sender.command('room_message', { room_id: 'busy-room', content: 'x'.repeat(60_000), ephemeral });
    const dropped = async () => (await read(busy)).get('dropped_frames_total') ?? 0;

    slow.socket.pause();
    let posted = 0;
    for (; (await dropped()) === 0; posted++) await post(true);
    slow.socket.resume();
    const missed = await dropped();
    await slow.until(() => slow.pushes('room_message').length === posted - missed);
    await slow.settle();
    expect(slow.pushes('room_message')).toHaveLength(posted - (await dropped()));
    moved.add('dropped_frames_total');

    expect((await read(busy)).get('slow_consumers_total')).toBe(0);
    slow.socket.pause();
    while ((await read(busy)).get('slow_consumers_total') === 0) await post(false);
    await sender.settle();
    const found = await read(busy);
    expect([found.get('slow_consumers_total'), found.get(closed(4001)), found.get('connections')]).toEqual([1, 1, 1]);
    moved.add('slow_consumers_total');
    await busy.close();
  });

  it('all that the suites beside this one leave to it were seen moving', () => {
    expect([...moved]).toEqual(expect.arrayContaining([...MOVED_AT_LIMITS]));
  });
});
