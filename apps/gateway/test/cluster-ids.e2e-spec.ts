import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { startCluster, type TestClient, type TestCluster } from '@hubbub/testing';

const USERS = ['a.b', 'a.*', 'a.>', '*', '>', 'a b', 'a/b', 'a', 'b', 'a.b.c', 'a=2Eb', '[a]', '名前'];
const ROOMS = ['a.b', 'a', 'b', 'a.b.c', 'a:b', 'a-b', 'a_b', 'a..b'];

/** SEEDS 6 and 15: addresses on the bus are made of ids that users choose. */
for (const type of ['nats', 'redis'] as const) {
  describeWithBroker(type, `ids of two nodes over ${type}`, () => {
    let broker: BrokerProcess;
    let cluster: TestCluster;
    let sender: TestClient;

    beforeAll(async () => {
      broker = await BrokerProcess.start(type);
      // What the bus does not bring is looked for too late for a test.
      const patient = { repairMs: 60_000, nodeTimeoutMs: 30_000 };
      cluster = await startCluster(2, { bus: { type, url: broker.url }, cluster: patient });
      sender = await cluster.connect(0, 'sender');
    }, 60_000);
    afterAll(async () => {
      await cluster.close();
      await broker.remove();
    });

    it('a direct message goes to the user of that very id at the other node, in the form of the protocol', async () => {
      const users = await Promise.all(USERS.map((id) => cluster.connect(1, id)));
      // What went astray in the first round is there by the end of the second.
      for (const round of [1, 2])
        for (const target_id of USERS) await sender.command('direct_message', { target_id, content: round });
      for (const [at, user] of users.entries()) {
        await user.until(() => user.pushes('direct_message').length >= 2);
        const message = { sender_id: 'sender', sender_name: 'sender', target_id: USERS[at] };
        const timestamp = expect.any(Number);
        expect(user.pushes('direct_message')).toEqual([
          { ...message, content: 1, seq: 1, timestamp },
          { ...message, content: 2, seq: 2, timestamp },
        ]);
      }
    });

    it('a room message goes to the members of that very room at the other node, in the form of the protocol', async () => {
      const members: TestClient[] = [];
      for (const room_id of ROOMS) {
        await sender.command('create_room', { room_id });
        await sender.command('join_room', { room_id });
        members.push(await cluster.enter(1, `member of ${room_id}`, room_id));
      }
      for (const round of [1, 2])
        for (const room_id of ROOMS) await sender.command('room_message', { room_id, content: round });
      for (const [at, member] of members.entries()) {
        await member.until(() => member.pushes('room_message').length >= 2);
        const message = { room_id: ROOMS[at], sender_id: 'sender', sender_name: 'sender' };
        const more = { epoch: expect.any(String), timestamp: expect.any(Number) };
        expect(member.pushes('room_message')).toEqual([
          { ...message, ...more, content: 1, seq: 1 },
          { ...message, ...more, content: 2, seq: 2 },
        ]);
      }
    });
  });
}
