import { startCluster, type TestCluster } from './index.js';

describe('a cluster of tests', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster(2);
  });
  afterAll(() => cluster.close());

  it('has nodes of different names on one database', async () => {
    const [alice, bob] = [await cluster.node(0).connect('alice'), await cluster.node(1).connect('bob')];
    expect([(await alice.next('connected')).node_id, (await bob.next('connected')).node_id]).toEqual(['n1', 'n2']);
    await alice.command('create_room', { room_id: 'shared' });
    expect((await bob.command('join_room', { room_id: 'shared' })).room.owner_id).toBe('alice');
  });

  it('loses a node without a goodbye, and gets it back on the same database', async () => {
    const carol = await cluster.node(1).connect('carol');
    await cluster.kill(1);
    expect((await carol.closed).code).toBe(1006);
    await expect(cluster.node(1).connect('carol')).rejects.toThrow('ECONNREFUSED');
    await cluster.restart(1);
    const again = await cluster.node(1).connect('carol');
    await again.command('join_room', { room_id: 'shared' });
  });
});
