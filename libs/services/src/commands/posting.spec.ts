import { describeWithBroker } from '@hubbub/bus/testing';
import type { TestClient } from '@hubbub/testing';
import { AskedNodes, type Asking, WAYS } from '../testing/asked-nodes.js';

/** What services post beyond what clients may; each over NATS and over HTTP. */
describeWithBroker('nats', 'services and messages', () => {
  let nodes: AskedNodes;
  let roomId: string;
  let count = 0;
  let alice: TestClient;
  let bob: TestClient;

  beforeAll(async () => {
    nodes = await AskedNodes.open();
  });
  beforeEach(async () => {
    roomId = `room-${++count}`;
    [alice, bob] = [await nodes.first.connect('alice'), await nodes.second.connect('bob')];
    await alice.command('create_room', { room_id: roomId });
    for (const member of [alice, bob]) await member.command('join_room', { room_id: roomId });
  });
  afterAll(() => nodes.close());
  afterEach(async () => {
    for (const { clients } of [nodes.first, nodes.second]) for (const client of clients) await client.close();
  });

  const contents = (client: TestClient) => client.pushes('room_message').map(({ content }) => content);

  describe.each(WAYS)('over %s', (way) => {
    it('`room_message` with `exclude` passes over those users, at whichever node', async () => {
      const passing = { room_id: roomId, ephemeral: true };
      await nodes.ask(way, 'room_message', { ...passing, content: 'not bob', exclude: ['bob'] });
      await nodes.ask(way, 'room_message', { ...passing, content: 'not alice', exclude: ['alice', 'nobody'] });
      await nodes.ask(way, 'room_message', { ...passing, content: 'end', exclude: [] });
      for (const client of [alice, bob]) await client.next('room_message', ({ content }) => content === 'end');
      expect([contents(alice), contents(bob)]).toEqual([
        ['not bob', 'end'],
        ['not alice', 'end'],
      ]);
    });

    it('`room_message` with `exclude_sender` passes over the user in whose name it is', async () => {
      const typing = { room_id: roomId, content: 'typing', ephemeral: true, sender_id: 'bob' };
      await nodes.ask(way, 'room_message', { ...typing, exclude_sender: true });
      await nodes.ask(way, 'room_message', { ...typing, content: 'end', exclude_sender: false });
      for (const client of [alice, bob]) await client.next('room_message', ({ content }) => content === 'end');
      expect([contents(alice), contents(bob)]).toEqual([['typing', 'end'], ['end']]);
    });

    it('`room_message` that is stored excludes nobody: members count its number', async () => {
      const stored = { room_id: roomId, content: 1 };
      for (const wrong of [{ exclude: ['bob'] }, { exclude_sender: true }]) {
        expect(await nodes.refusal(way, 'room_message', { ...stored, ...wrong })).toMatchObject({
          name: 'InvalidFormat',
          details: [{ path: '/exclude' }],
        });
      }
      await nodes.ask(way, 'create_room', { room_id: `${roomId}-live`, history: 'none' });
      expect(
        await nodes.ask(way, 'room_message', { room_id: `${roomId}-live`, content: 1, exclude: ['bob'] }),
      ).not.toHaveProperty('seq');
    });

    it('`room_message` with `sender_id` has a user of the gateway as its sender, once for one key', async () => {
      const message = { room_id: roomId, content: 'hi', sender_id: 'carol', idempotency_key: 'k' };
      const posted = await nodes.ask(way, 'room_message', { ...message, sender_name: 'Carol' });
      expect(await nodes.ask(way, 'room_message', message)).toEqual({ ...posted, duplicate: true });
      for (const client of [alice, bob]) {
        expect(await client.next('room_message')).toMatchObject({ sender_id: 'carol', sender_name: 'Carol', seq: 1 });
      }
      await nodes.ask(way, 'room_message', { room_id: roomId, content: 'hi', sender_id: 'alice' });
      expect(await alice.next('room_message')).toMatchObject({ sender_id: 'alice', sender_name: 'alice', seq: 2 });
    });

    it('`room_message` in the name of a user who is banned is refused, as he may post by no way', async () => {
      await alice.command('set_member', { room_id: roomId, user_id: 'mallory', role: 'banned' });
      const message = { room_id: roomId, content: 'hi', sender_id: 'mallory' };
      expect(await nodes.refusal(way, 'room_message', message)).toMatchObject({ name: 'Forbidden' });
    });

    it('`direct_message` with `sender_id` comes from that user, unless he is blocked', async () => {
      const message = { target_id: 'bob', content: 'hi', sender_id: 'alice', sender_name: 'Alice' };
      expect(await nodes.ask(way, 'direct_message', message)).toMatchObject({ delivered: 1 });
      const got = { sender_id: 'alice', sender_name: 'Alice', target_id: 'bob', content: 'hi' };
      expect(await bob.next('direct_message')).toMatchObject(got);
      expect(await alice.next('direct_message')).toMatchObject(got);
      await bob.command('block_user', { user_id: 'alice', blocked: true });
      expect(await nodes.ask(way, 'direct_message', message)).toMatchObject({ delivered: 0 });
      await bob.command('block_user', { user_id: 'alice', blocked: false });
    });

    it('another sender is for admin:system to name, and a name needs one', async () => {
      const sender: Asking = { permissions: ['send:message', 'admin:room'] };
      for (const [name, rest] of [
        ['room_message', { room_id: roomId }],
        ['direct_message', { target_id: 'bob' }],
      ] as const) {
        const message = { ...rest, content: 'hi' };
        expect(await nodes.refusal(way, name, { ...message, sender_id: 'alice' }, sender)).toMatchObject({
          name: 'Forbidden',
          details: { permission: 'admin:system' },
        });
        expect(await nodes.refusal(way, name, { ...message, sender_name: 'Alice' })).toMatchObject({
          name: 'InvalidFormat',
          details: [{ path: '/sender_name' }],
        });
        expect(await nodes.refusal(way, name, { ...message, sender_id: 'a\nb' })).toMatchObject({
          name: 'InvalidFormat',
        });
      }
    });
  });
});
