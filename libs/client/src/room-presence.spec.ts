import type { HubbubClient, Room } from './index.js';
import { closeAll, newClient, next, reached, startServer, until } from './testing/harness.js';
import type { HostileServer } from './testing/hostile-server.js';

let server: HostileServer;
let client: HubbubClient;
let room: Room;

beforeEach(async () => {
  server = await startServer();
  client = newClient(server);
  await client.connect();
  room = client.room('lobby');
});
afterEach(closeAll);

const member = (user_id: string, more: object = {}) => ({
  user_id,
  username: user_id,
  connections: 1,
  joined_at: 1,
  ...more,
});
const crowd = (count: number) => Array.from({ length: count }, (_, n) => member(`u${n}`));
const names = () => [...room.presence.members.keys()];

async function push(changes: { joined?: object[]; left?: object[]; updated?: object[] }, member_count: number) {
  const change = next(room.presence, 'change');
  server.pushAll('presence', { room_id: 'lobby', joined: [], left: [], updated: [], ...changes, member_count });
  await change;
}

/** Answers for pages of members, as many as there are. */
function servePages(size: number): void {
  server.intercept = ({ message_type, data }) => {
    if (message_type !== 'room_members') return undefined;
    const from = Number(data.cursor ?? 0);
    const members = server.members.slice(from, from + size);
    const next_cursor = from + size < server.members.length ? { next_cursor: String(from + size) } : {};
    return {
      type: 'room_members',
      data: { room_id: 'lobby', members, member_count: server.members.length, ...next_cursor },
    };
  };
}

describe('who is in a room', () => {
  it('is known from the join on, and follows who comes, goes, changes and is sent out', async () => {
    server.members = [member('alice'), member('bob')];
    await room.join();
    expect([names(), room.presence.count]).toEqual([['alice', 'bob'], 2]);
    await push({ joined: [member('carol')] }, 3);
    await push({ updated: [member('bob', { state: { status: 'away' } })], left: [member('alice')] }, 2);
    expect(names()).toEqual(['bob', 'carol']);
    expect(room.presence.members.get('bob')?.state).toEqual({ status: 'away' });
    const change = next(room.presence, 'change');
    server.pushAll('member_kicked', { room_id: 'lobby', user_id: 'carol' });
    await change;
    expect([names(), room.presence.count]).toEqual([['bob'], 1]);
    await room.leave();
    expect([names(), room.presence.count]).toEqual([[], 0]);
  });

  it('is what it is after the return, whoever went meanwhile', async () => {
    server.members = [member('alice'), member('bob')];
    await room.join();
    const open = reached(client, 'open');
    server.members = [member('alice'), member('carol')];
    server.kill();
    await open;
    expect(names()).toEqual(['alice', 'carol']);
  });

  it('is complete, however many pages that takes, with what changes while they are read', async () => {
    server.members = crowd(450);
    servePages(200);
    await room.join();
    const pages = server.intercept;
    let asked = 0;
    server.intercept = (frame, peer) => {
      const changes = { joined: [member('late')], left: [member('u7')], updated: [], member_count: 450 };
      if (frame.message_type === 'room_members' && ++asked === 2) {
        server.push(peer, 'presence', { room_id: 'lobby', ...changes });
      }
      return pages?.(frame, peer);
    };
    room.presence.on('change', () => {});
    await until(() => names().length === 450 && asked === 3);
    expect([names().includes('late'), names().includes('u7'), room.presence.count]).toEqual([true, false, 450]);
  });

  it('is not asked for before anybody looks', async () => {
    server.members = crowd(450);
    servePages(200);
    await room.join();
    await client.command('ping', {});
    const asked = () =>
      [...server.peers].flatMap(({ received }) => received.filter((f) => f.message_type === 'room_members'));
    expect(asked()).toEqual([]);
    expect(room.presence.count).toBe(450);
    await until(() => names().length === 450);
    expect(asked()).toHaveLength(3);
  });

  it('is a number alone where the lists are withheld, until they are not', async () => {
    server.members = crowd(3000);
    servePages(200);
    await room.join();
    expect([names(), room.presence.count]).toEqual([[], 3000]);
    await push({}, 2999);
    expect([names(), room.presence.count]).toEqual([[], 2999]);
    server.members = crowd(400);
    await push({ left: [member('u400')] }, 400);
    await until(() => names().length === 400);
  });

  it('is what the join brought where it may not be read', async () => {
    server.members = crowd(150);
    server.intercept = ({ message_type }) =>
      message_type === 'room_members'
        ? { type: 'error', data: { code: 2001, name: 'Forbidden', message: 'no', retryable: false } }
        : undefined;
    await room.join();
    expect([names().length, room.presence.count]).toEqual([100, 150]);
    await client.command('ping', {});
    expect(names().length).toBe(100);
  });
});
