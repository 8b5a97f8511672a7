import type { HubbubClient, Room } from './index.js';
import { closeAll, newClient, next, reached, startServer, until } from './testing/harness.js';
import { type Answer, error, type HostileServer } from './testing/hostile-server.js';

afterEach(closeAll);

let server: HostileServer;
let client: HubbubClient;
let room: Room;
let seen: unknown[];
let lost: unknown[];

beforeEach(async () => {
  server = await startServer();
  client = newClient(server);
  await client.connect();
  room = client.room('lobby');
  seen = [];
  lost = [];
  room.on('room_message', ({ content }) => seen.push(content));
  room.on('lost', (event) => lost.push(event));
});

async function loseConnection(meanwhile: () => void = () => {}): Promise<void> {
  const open = reached(client, 'open');
  server.kill();
  meanwhile();
  await open;
}

function answerOnce(type: string, answer: Answer): void {
  server.intercept = (frame) => {
    if (frame.message_type !== type) return undefined;
    server.intercept = undefined;
    return answer;
  };
}

describe('a room', () => {
  it('begins with its latest messages and goes on with new ones, one’s own at their place', async () => {
    server.post('lobby', 'a');
    server.post('lobby', 'b');
    await room.join({ history: 1 });
    server.post('lobby', 'c');
    await room.send('d');
    server.post('lobby', 'e');
    await until(() => seen.length === 4);
    expect(seen).toEqual(['b', 'c', 'd', 'e']);
    expect(room.position).toEqual({ epoch: 'e1', seq: 5 });
  });

  it('brings everything that was missed, by the position of the last message', async () => {
    await room.join();
    server.post('lobby', 'a');
    await room.send('b');
    await loseConnection(() => server.post('lobby', 'c'));
    expect(seen).toEqual(['a', 'b', 'c']);
    const [peer] = server.peers;
    expect(peer?.received[0]).toMatchObject({ data: { since: { epoch: 'e1', seq: 2 } } });
    expect(lost).toEqual([]);
  });

  it('goes on where an earlier run of the application had come to', async () => {
    for (const text of ['a', 'b', 'c']) server.post('lobby', text);
    await room.join({ since: { epoch: 'e1', seq: 1 } });
    expect(seen).toEqual(['b', 'c']);
  });

  it('reads what was missed from the history when it is more than the server brings back', async () => {
    server.recoverMax = 2;
    await room.join({ history: 3 });
    server.post('lobby', 0);
    await until(() => seen.length === 1);
    await loseConnection(() => {
      for (let n = 1; n <= 450; n++) server.post('lobby', n);
    });
    expect(lost).toEqual([]);
    expect(seen).toEqual(Array.from({ length: 451 }, (_, n) => n));
  });

  it('says which of the messages missed are kept no more, and brings the others', async () => {
    server.recoverMax = 2;
    await room.join({ history: 3 });
    server.post('lobby', 0);
    await until(() => seen.length === 1);
    await loseConnection(() => {
      for (let n = 1; n <= 10; n++) server.post('lobby', n);
      server.prune('lobby', 5);
    });
    expect(lost).toEqual([{ missed: 4, from: 2, to: 5 }]);
    expect(seen).toEqual([0, 5, 6, 7, 8, 9, 10]);
  });

  it('reads no more than it was told to, and says what it left out', async () => {
    server.recoverMax = 2;
    await room.join({ history: 3, catchUp: 4 });
    server.post('lobby', 0);
    await until(() => seen.length === 1);
    await loseConnection(() => {
      for (let n = 1; n <= 10; n++) server.post('lobby', n);
    });
    expect(lost).toEqual([{ missed: 6, from: 2, to: 7 }]);
    expect(seen).toEqual([0, 7, 8, 9, 10]);
    server.post('lobby', 11);
    await until(() => seen.length === 6);
    expect(seen.at(-1)).toBe(11);
  });

  it('tells of the loss when the room was made anew, and begins again', async () => {
    await room.join();
    server.post('lobby', 'old');
    await until(() => seen.length === 1);
    await loseConnection(() => {
      server.renumber();
      server.post('lobby', 'new');
    });
    expect(lost).toEqual([{ missed: 0 }]);
    expect(seen).toEqual(['old', 'new']);
  });

  it('reads what a lost push would have brought before it goes on', async () => {
    await room.join();
    server.chaos = { drop: 1, double: 0, swap: 0, kill: 0 };
    server.post('lobby', 'a');
    server.post('lobby', 'b');
    server.chaos = { drop: 0, double: 1, swap: 0, kill: 0 };
    server.post('lobby', 'c');
    await until(() => seen.length === 3);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(server.connections).toBe(1);
  });

  it('goes on behind what the log has no more, and says so', async () => {
    await room.join();
    server.chaos = { drop: 1, double: 0, swap: 0, kill: 0 };
    for (const text of ['a', 'b', 'c']) server.post('lobby', text);
    server.prune('lobby', 2);
    server.chaos = { drop: 0, double: 0, swap: 0, kill: 0 };
    server.post('lobby', 'd');
    await until(() => seen.length === 2);
    expect(lost).toEqual([{ missed: 2, from: 1, to: 2 }]);
    expect(seen).toEqual(['c', 'd']);
  });

  it('goes on behind a hole that it may not read', async () => {
    await room.join();
    server.intercept = ({ message_type }) => (message_type === 'room_history' ? error(2001, 'Forbidden') : undefined);
    server.chaos = { drop: 1, double: 0, swap: 0, kill: 0 };
    server.post('lobby', 'a');
    server.chaos = { drop: 0, double: 0, swap: 0, kill: 0 };
    server.post('lobby', 'b');
    await until(() => seen.length === 1);
    expect([lost, seen]).toEqual([[{ missed: 1, from: 1, to: 1 }], ['b']]);
  });

  it('stops delivering the moment a listener leaves', async () => {
    await room.join();
    room.on('room_message', () => void room.leave());
    await loseConnection(() => {
      server.post('lobby', 'a');
      server.post('lobby', 'b');
    });
    expect(seen).toEqual(['a']);
  });
});

describe('joining', () => {
  it('rejects with the server’s error, and leaves no trace', async () => {
    answerOnce('join_room', error(3000, 'RoomNotFound'));
    await expect(room.join()).rejects.toMatchObject({ name: 'RoomNotFound' });
    await room.join();
    expect(room.isJoined).toBe(true);
  });

  it('is refused while joined', async () => {
    await room.join();
    await expect(room.join()).rejects.toMatchObject({ name: 'AlreadyInRoom' });
  });

  it('waits for a connection, and fails if the client ends before', async () => {
    const ended = newClient(server);
    const never = ended.join('lobby');
    ended.close();
    await expect(never).rejects.toMatchObject({ name: 'Closed' });
    const other = newClient(server);
    const joined = other.join('lobby');
    await other.connect();
    expect((await joined).isJoined).toBe(true);
  });

  it('begins again when the server thinks that this connection is in already', async () => {
    answerOnce('join_room', error(3004, 'AlreadyInRoom'));
    await room.join();
    expect(room.isJoined).toBe(true);
  });

  it('after a lost connection is tried again while the refusal may pass', async () => {
    await room.join();
    const joined = next(room, 'joined');
    await loseConnection(() => {
      answerOnce('join_room', error(3002, 'RoomFull', { retryable: true, retry_after_ms: 1 }));
      server.post('lobby', 'a');
    });
    expect(await joined).toMatchObject({ resumed: true, reply: { recovered: true } });
    expect(seen).toEqual(['a']);
  });

  it('after a lost connection ends when the refusal will not pass, and fails what waits', async () => {
    await room.join();
    const left = next(room, 'left');
    const open = reached(client, 'open');
    answerOnce('join_room', error(2001, 'Forbidden'));
    server.kill();
    await reached(client, 'offline');
    const waiting = room.send('too late').catch((thrown: unknown) => thrown);
    await open;
    expect(await left).toMatchObject({ reason: 'refused', error: { name: 'Forbidden' } });
    expect(await waiting).toMatchObject({ name: 'Forbidden' });
    expect(room.isJoined).toBe(false);
  });
});

describe('membership', () => {
  it.each([
    ['room_deleted', { room_id: 'lobby' }, 'deleted'],
    ['member_kicked', { room_id: 'lobby', user_id: 'alice' }, 'kicked'],
    ['member_set', { room_id: 'lobby', user_id: 'alice', role: 'banned' }, 'banned'],
  ] as const)('ends with %s, and is not taken up again', async (type, data, reason) => {
    await room.join();
    const left = next(room, 'left');
    server.pushAll(type, data);
    expect(await left).toEqual({ reason });
    await loseConnection();
    expect([...server.peers].flatMap((peer) => [...peer.rooms])).toEqual([]);
  });

  it('stays when it is somebody else who is kicked', async () => {
    await room.join();
    const kicked = next(room, 'member_kicked');
    server.pushAll('member_kicked', { room_id: 'lobby', user_id: 'bob' });
    await kicked;
    expect(room.isJoined).toBe(true);
  });

  it('ends with leave, after which nothing comes', async () => {
    await room.join();
    await room.leave();
    expect([...server.peers].flatMap((peer) => [...peer.rooms])).toEqual([]);
    await loseConnection(() => server.post('lobby', 'a'));
    expect(seen).toEqual([]);
  });
});
