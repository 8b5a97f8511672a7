import { Control } from '@hubbub/bus';
import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';
import type { RoomChange } from './room-changes.js';

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
