import { describeWithBroker } from '@hubbub/bus/testing';
import { roomPolicy } from '@hubbub/rooms';
import { AskedNodes, WAYS } from '../testing/asked-nodes.js';

/** The policies of rooms hold for services too; two nodes, each over NATS and over HTTP. */
describeWithBroker('nats', 'services and the policies of rooms', () => {
  let nodes: AskedNodes;
  beforeAll(async () => {
    const vip = { maxClients: 5, permissions: { send: 'send:vip', read: 'read:vip' } } as const;
    nodes = await AskedNodes.open({ providers: [roomPolicy('vip.*', vip), roomPolicy('slow.*', { rate: '1/h' })] });
  });
  afterAll(() => nodes.close());

  describe.each(WAYS)('over %s', (way) => {
    const asking = { permissions: ['create:room', 'send:message', 'read:message'], userId: `service:${way}` };

    it('rooms are made within them', async () => {
      const room_id = `vip.${way}`;
      const refused = await nodes.refusal(way, 'create_room', { room_id, max_clients: 6 }, asking);
      expect(refused).toMatchObject({ name: 'InvalidFormat', details: [{ path: '/max_clients' }] });
      expect((await nodes.ask(way, 'create_room', { room_id }, asking)).room).toMatchObject({ max_clients: 5 });
    });

    it('a token needs what they ask for; a service that may do everything has it', async () => {
      const room_id = `vip.asked.${way}`;
      await nodes.ask(way, 'create_room', { room_id });
      for (const [command, permission] of [
        ['room_message', 'send:vip'],
        ['room_members', 'read:vip'],
      ] as const) {
        const refused = await nodes.refusal(way, command, { room_id, content: 1 }, asking);
        expect(refused).toMatchObject({ name: 'Forbidden', details: { permission } });
      }
      const granted = { ...asking, permissions: [...asking.permissions, 'send:vip@vip.*'] };
      expect(await nodes.ask(way, 'room_message', { room_id, content: 1 }, granted)).toMatchObject({ seq: 1 });
      expect(await nodes.ask(way, 'room_message', { room_id, content: 1 })).toMatchObject({ seq: 2 });
    });

    it('a token posts at their rate, counted by the node that it asks', async () => {
      const room_id = `slow.${way}`;
      await nodes.ask(way, 'create_room', { room_id });
      await nodes.ask(way, 'room_message', { room_id, content: 1 }, asking);
      expect(await nodes.refusal(way, 'room_message', { room_id, content: 2 }, asking)).toMatchObject({
        name: 'RateLimited',
        retryable: true,
      });
      const joiner = await nodes.second.connect(asking.userId, { permissions: [...asking.permissions, 'join:room'] });
      await joiner.command('join_room', { room_id });
      await joiner.command('room_message', { room_id, content: 3 });
      await expect(joiner.command('room_message', { room_id, content: 4 })).rejects.toMatchObject({ code: 1005 });
      await joiner.close();
    });
  });
});
