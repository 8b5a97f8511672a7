import { HubbubError } from '@hubbub/protocol';
import { startCluster, type TestCluster } from '@hubbub/testing';
import { Connections } from '@hubbub/transport';
import { Attendance } from './attendance.js';
import type { DatabaseAttendance } from './database-attendance.js';

describe('a room whose seats could not be read', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster(1, { presence: { graceMs: 60_000 } });
  });
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  // The failure was remembered for as long as anybody had a place in the room.
  it('lets in whoever comes when they can be read again, also while it is held for one who was lost meanwhile', async () => {
    const [ann, bob] = [await cluster.node(0).connect('ann'), await cluster.node(0).connect('bob')];
    await bob.command('create_room', { room_id: 'r' });
    const { app } = cluster.node(0);
    const connections = app.get(Connections, { strict: false });
    const lost = new Promise<void>((resolve) => connections.onClosed(() => resolve()));
    const attendance = app.get<DatabaseAttendance>(Attendance, { strict: false });
    const failed = new Promise<void>((resolve) => {
      jest.spyOn(attendance, 'read').mockImplementationOnce(async () => {
        await ann.vanish();
        await lost;
        resolve();
        throw new HubbubError('ServerError');
      });
    });
    ann.sendFrame({ message_type: 'join_room', message_id: 1, data: { room_id: 'r' } });
    await failed;
    const { members } = await bob.command('join_room', { room_id: 'r' });
    expect(members).toMatchObject([
      { user_id: 'ann', connections: 0 },
      { user_id: 'bob', connections: 1 },
    ]);
  });
});
