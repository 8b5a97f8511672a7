import { RoomPolicy, roomPolicy } from '@hubbub/hubbub';
import { startCluster, type TestCluster } from '@hubbub/testing';
import { Injectable } from '@nestjs/common';

@RoomPolicy('chat.*', { maxClients: 2, createOnJoin: true })
@RoomPolicy('chat.staff.*', { visibility: 'private', permissions: { join: 'join:staff' } })
@Injectable()
class Policies {}

/** Two nodes with the same code. */
describe('policies of rooms on two nodes', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster(2, { providers: [Policies, roomPolicy('slow.*', { rate: '2/h' })] });
  });
  afterAll(() => cluster.close());
  const connect = (node: number, user: string, permissions?: string[]) =>
    cluster.node(node).connect(user, permissions === undefined ? {} : { permissions });

  it('hold at whichever node a room is made, changed and joined', async () => {
    const [alice, bob, eve] = [await connect(0, 'alice'), await connect(1, 'bob'), await connect(1, 'eve')];
    expect((await alice.command('join_room', { room_id: 'chat.tea' })).room).toMatchObject({ max_clients: 2 });
    expect((await bob.command('join_room', { room_id: 'chat.tea' })).room).toMatchObject({ max_clients: 2 });
    await expect(eve.command('join_room', { room_id: 'chat.tea' })).rejects.toMatchObject({ code: 3002 });
    await expect(alice.command('update_room', { room_id: 'chat.tea', max_clients: 3 })).rejects.toMatchObject({
      code: 1001,
      body: { details: [{ path: '/max_clients' }] },
    });
    await expect(bob.command('create_room', { room_id: 'chat.x', max_clients: 0 })).rejects.toMatchObject({
      code: 1001,
    });
  });

  it('ask for their permissions at both', async () => {
    const staff = ['create:room', 'join:room', 'join:staff@chat.staff.*'];
    const owner = await connect(0, 'owner', staff);
    expect((await owner.command('create_room', { room_id: 'chat.staff.1' })).room).toMatchObject({
      visibility: 'private',
    });
    for (const node of [0, 1]) {
      const outsider = await connect(node, 'outsider');
      await expect(outsider.command('join_room', { room_id: 'chat.staff.1' })).rejects.toMatchObject({
        code: 2001,
        body: { details: { permission: 'join:staff' } },
      });
      const again = await connect(node, 'owner', staff);
      await again.command('join_room', { room_id: 'chat.staff.1' });
    }
  });

  it('count the rate of a sender at each node for itself', async () => {
    const [here, there] = [await connect(0, 'sender'), await connect(1, 'sender')];
    const reader = await connect(1, 'reader');
    await here.command('create_room', { room_id: 'slow.1' });
    for (const client of [here, there, reader]) await client.command('join_room', { room_id: 'slow.1' });
    const post = { room_id: 'slow.1', content: 'x' };
    for (const client of [here, there]) {
      for (let n = 0; n < 2; n++) await client.command('room_message', post);
      await expect(client.command('room_message', post)).rejects.toMatchObject({ code: 1005, name: 'RateLimited' });
    }
    await reader.next('room_message', ({ seq }) => seq === 4);
    expect(reader.pushes('room_message').map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});
