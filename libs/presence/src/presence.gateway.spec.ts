import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { PresencePace } from './presence-pace.js';
import { PresenceState } from './presence-state.js';

let gateway: TestGateway;
let roomId: string;
let made = 0;

beforeAll(async () => {
  gateway = await startGateway({ presence: { coalesceMs: 5, graceMs: 60_000, listMax: 3 } });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  roomId = `room-${++made}`;
  const owner = await gateway.connect('owner');
  await owner.command('create_room', { room_id: roomId });
  await owner.close();
});

afterEach(() => gateway.closeClients());

const connect = (user: string) => gateway.connect(user);
const enter = (user: string, room = roomId) => gateway.enter(user, room);

/** The next push that names nobody but the given changes. */
const named =
  (kind: 'joined' | 'left' | 'updated', user: string) => (push: Record<typeof kind, { user_id: string }[]>) =>
    push[kind].some(({ user_id }) => user_id === user);

describe('set_presence', () => {
  it('reaches the other members and one’s own other devices', async () => {
    const [bob, phone, laptop] = [await enter('bob'), await enter('alice'), await enter('alice')];
    await phone.command('set_presence', { room_id: roomId, state: { mood: 'busy' } });
    for (const client of [bob, laptop]) {
      const { updated, joined } = await client.next('presence', (push) =>
        [...push.updated, ...push.joined].some(({ user_id, state }) => user_id === 'alice' && state !== undefined),
      );
      expect([...updated, ...joined]).toContainEqual(expect.objectContaining({ state: { mood: 'busy' } }));
    }
    const { members } = await bob.command('room_members', { room_id: roomId });
    expect(members.find(({ user_id }) => user_id === 'alice')).toMatchObject({
      connections: 2,
      state: { mood: 'busy' },
    });
  });

  it('without a room holds in rooms that are joined later, too, and ends when the user has gone', async () => {
    const alice = await connect('alice');
    await alice.command('set_presence', { state: { away: true } });
    const { members } = await alice.command('join_room', { room_id: roomId });
    expect(members).toEqual([expect.objectContaining({ user_id: 'alice', state: { away: true } })]);
    const bob = await enter('bob');
    await alice.close();
    await bob.next('presence', named('left', 'alice'));
    const again = await connect('alice');
    const reply = await again.command('join_room', { room_id: roomId });
    expect(reply.members.find(({ user_id }) => user_id === 'alice')).not.toHaveProperty('state');
  });

  it('is kept over a lost connection that comes back within the grace', async () => {
    const bob = await enter('bob');
    const alice = await enter('alice');
    await alice.command('set_presence', { state: { away: true } });
    await alice.vanish();
    await enter('alice');
    const { members } = await bob.command('room_members', { room_id: roomId });
    expect(members.find(({ user_id }) => user_id === 'alice')).toMatchObject({ state: { away: true } });
    expect(bob.pushes('presence').flatMap(({ left }) => left)).toEqual([]);
  });

  it('is refused for a room that the user is not in, and for one that does not exist', async () => {
    const alice = await connect('alice');
    const set = (room_id: string) => alice.command('set_presence', { room_id, state: {} });
    await expect(set(roomId)).rejects.toMatchObject({ name: 'NotInRoom' });
    await expect(set('nowhere')).rejects.toMatchObject({ name: 'RoomNotFound' });
  });

  it('takes a state of 1024 bytes of JSON and none of 1025, counted in UTF-8', async () => {
    const alice = await enter('alice');
    const state = (bytes: number) => ({ é: 'x'.repeat(bytes - '{"é":""}'.length - 1) });
    expect(Buffer.byteLength(JSON.stringify(state(1024)))).toBe(1024);
    await alice.command('set_presence', { state: state(1024) });
    await expect(alice.command('set_presence', { state: state(1025) })).rejects.toMatchObject({
      name: 'InvalidFormat',
      body: { details: [{ path: '/state' }] },
    });
  });

  it.each([[null], ['away'], [[1]], [undefined]])('takes no %j as a state', async (state) => {
    const alice = await connect('alice');
    await expect(alice.command('set_presence', { state } as never)).rejects.toMatchObject({ name: 'InvalidFormat' });
  });

  it('with the name of a prototype’s member is a state like any other', async () => {
    const alice = await enter('alice');
    alice.sendFrame(
      `{"message_type":"set_presence","message_id":"p","data":{"room_id":"${roomId}","state":{"__proto__":{"a":1},"constructor":2}}}`,
    );
    await alice.nextFrame(({ request_id }) => request_id === 'p');
    alice.sendFrame(`{"message_type":"room_members","message_id":"m","data":{"room_id":"${roomId}"}}`);
    const { data } = await alice.nextFrame(({ request_id }) => request_id === 'm');
    expect(JSON.stringify(data)).toContain('"state":{"__proto__":{"a":1},"constructor":2}');
  });
});

describe('members', () => {
  it('are listed page by page in an order that stays while people come and go', async () => {
    const first = await enter('u1');
    for (const user of ['u3', 'u5', 'u7']) await enter(user);
    const reader = await enter('u9');
    const page = await reader.command('room_members', { room_id: roomId, limit: 2 });
    await first.close();
    await enter('u2');
    await enter('u6');
    const cursor = page.next_cursor as string;
    const rest = await reader.command('room_members', { room_id: roomId, limit: 200, cursor });
    const ids = [...page.members, ...rest.members].map(({ user_id }) => user_id);
    expect(ids).toEqual(['u1', 'u3', 'u5', 'u6', 'u7', 'u9']);
    expect(rest).not.toHaveProperty('next_cursor');
  });

  it('begin anew for a cursor of nowhere', async () => {
    const reader = await enter('u1');
    const { members } = await reader.command('room_members', { room_id: roomId, cursor: '\u0000' });
    expect(members.map(({ user_id }) => user_id)).toEqual(['u1']);
  });
});

describe('a large room', () => {
  it('rests after it was told, is told of all that changed meanwhile, and keeps nobody else waiting', async () => {
    const own = await startGateway({ presence: { coalesceMs: 1 } });
    try {
      const pace = own.app.get(PresencePace, { strict: false });
      const speaker = await own.connect('speaker');
      for (const room_id of ['hall', 'den']) await speaker.command('create_room', { room_id });
      // Beside a window of a millisecond thirty are many.
      const members = await Promise.all(Array.from({ length: 30 }, (_, index) => own.enter(`u${index}`, 'hall')));
      const watcher = members[0] as TestClient;
      await watcher.next('presence', ({ member_count }) => member_count === members.length);
      expect(pace.isResting('hall', 0)).toBe(true);
      const others = watcher.frames.map(({ message_type }) => message_type).filter((type) => type !== 'presence');
      expect(others).toEqual(['connected', 'room_joined']);

      pace.told('hall', 1e9, performance.now(), 0);
      await speaker.command('join_room', { room_id: 'hall' });
      await speaker.command('set_presence', { state: { n: 1 } });
      await speaker.command('join_room', { room_id: 'den' });
      await speaker.next('presence', ({ room_id }) => room_id === 'den');
      await watcher.settle();
      expect(watcher.pushes('presence').at(-1)?.member_count).toBe(members.length);
      pace.forget('hall');
      expect(await watcher.next('presence', named('joined', 'speaker'))).toMatchObject({
        joined: [{ user_id: 'speaker', state: { n: 1 } }],
        member_count: members.length + 1,
      });
    } finally {
      await own.close();
    }
  });
});

describe('memory', () => {
  it('holds nothing of those who have gone', async () => {
    const own = await startGateway({ presence: { coalesceMs: 1, graceMs: 1 } });
    try {
      const state = own.app.get(PresenceState, { strict: false });
      const owner = await own.connect('owner');
      await owner.command('create_room', { room_id: 'den' });
      for (const [n, user] of ['a', 'b', 'c'].entries()) {
        const client = await own.connect(user);
        await client.command('set_presence', { state: { n } });
        await client.command('join_room', { room_id: 'den' });
        if (user === 'a') await client.close();
        if (user === 'b') await client.vanish();
        if (user === 'c') await owner.command('delete_room', { room_id: 'den' });
        await client.close();
      }
      while (Object.values(state.size).some((count) => count > 0)) await owner.settle();
      expect(state.size).toEqual({ rooms: 0, changed: 0, userStates: 0 });
    } finally {
      await own.close();
    }
  });
});
