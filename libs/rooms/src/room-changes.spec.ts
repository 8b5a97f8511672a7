import { Control } from '@hubbub/bus';
import { MessageLog } from '@hubbub/messages';
import { Database } from '@hubbub/storage';
import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';
import { Attendance } from './attendance.js';
import type { RoomChange } from './room-changes.js';
import { RoomFollowing } from './room-following.service.js';

describe('what comes late of a room that was deleted, and made again under the same id', () => {
  let cluster: TestCluster;
  let owner: TestClient;
  let bob: TestClient;
  const room_id = 'r';

  beforeAll(async () => {
    cluster = await startCluster(2, { cluster: { repairMs: 60_000 } });
    [owner, bob] = [await cluster.node(0).connect('owner'), await cluster.node(1).connect('bob')];
    await owner.command('create_room', { room_id });
    for (const client of [owner, bob]) await client.command('join_room', { room_id });
  });
  afterAll(() => cluster.close());

  /** What a node has to say of the earlier room, as the bus brings it now. */
  async function late(change: object): Promise<void> {
    const room = { id: room_id, epoch: 'earlier' };
    const { unconfirmed } = await cluster
      .node(0)
      .app.get(Control, { strict: false })
      .call('rooms.change', { from: 'n1', change: { room, version: 100, ...change } as RoomChange });
    expect(unconfirmed).toEqual([]);
  }

  it('erases nothing', async () => {
    await late({ kind: 'redacted', seq: 2 });
    for (const content of ['a', 'b', 'c']) await owner.command('room_message', { room_id, content });
    await bob.next('room_message', ({ seq }) => seq === 3);
    expect(bob.pushes('room_message').map(({ content }) => content)).toEqual(['a', 'b', 'c']);
    expect(bob.pushes('message_redacted')).toEqual([]);
  });

  it.each([
    { kind: 'kicked', act: { userId: 'bob' } },
    { kind: 'member_set', act: { userId: 'bob', role: 'banned' } },
  ])('sends nobody out and says nothing: $kind', async (change) => {
    await late(change);
    await bob.command('room_message', { room_id, content: 'still here' });
    expect([bob.pushes('member_kicked'), bob.pushes('member_set')]).toEqual([[], []]);
  });
});

describe('what is redacted', () => {
  let cluster: TestCluster;
  const room_id = 'r';
  beforeAll(async () => {
    cluster = await startCluster(2, { cluster: { repairMs: 60_000 } });
  });
  afterAll(() => cluster.close());

  it('is told once, whether the node reads the room before it hears of it or after', async () => {
    const [owner, bob] = [await cluster.node(0).connect('owner'), await cluster.node(1).connect('bob')];
    await owner.command('create_room', { room_id });
    const { epoch } = await bob.command('join_room', { room_id });
    for (const content of ['a', 'b', 'c']) await bob.command('room_message', { room_id, content });
    const from = (index: number) => cluster.node(index).app;
    const redact = (seq: number) =>
      from(0)
        .get(Database, { strict: false })
        .transaction(async (manager) => {
          await from(0).get(MessageLog, { strict: false }).redact(manager, room_id, seq);
          return from(0).get(Attendance, { strict: false }).redact(manager, room_id, seq);
        });
    const hear = async (seq: number, version: number) => {
      const change = { kind: 'redacted', room: { id: room_id, epoch }, version, seq } as RoomChange;
      const told = await from(0).get(Control, { strict: false }).call('rooms.change', { from: 'n0', change });
      expect(told.unconfirmed).toEqual([]);
    };
    const seqs = () => bob.pushes('message_redacted').map(({ seq }) => seq);

    const first = await redact(1);
    await from(1).get(RoomFollowing, { strict: false }).reload(room_id);
    await bob.until(() => seqs().length === 1);
    await hear(1, first);

    // Behind a hole: the node reads the room by itself.
    const [second, third] = [await redact(2), await redact(3)];
    await hear(3, third);
    await bob.until(() => seqs().length === 3);
    await hear(2, second);
    await bob.command('room_message', { room_id, content: 'd' });
    expect(seqs()).toEqual([1, 3, 2]);
  });
});
