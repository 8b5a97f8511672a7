import { describeWithBroker } from '@hubbub/bus/testing';
import { COMMANDS, isValid, PUSHES, SERVICE_COMMANDS, type ServiceCommand } from '@hubbub/protocol';
import type { TestClient } from '@hubbub/testing';
import { AskedNodes, WAYS } from '../testing/asked-nodes.js';

const idOf = async (client: TestClient) => (await client.next('connected')).connection_id;

/** What services ask of connections; each over NATS and over HTTP. */
describeWithBroker('nats', 'services and connections', () => {
  let nodes: AskedNodes;

  beforeAll(async () => {
    nodes = await AskedNodes.open();
  });
  afterAll(() => nodes.close());
  afterEach(async () => {
    for (const { clients } of [nodes.first, nodes.second]) for (const client of clients) await client.close();
  });

  describe.each(WAYS)('over %s', (way) => {
    it('`get_client` finds a connection at another node, with its rooms', async () => {
      const bob = await nodes.second.connect('bob');
      const connectionId = await idOf(bob);
      await bob.request('create_room', { room_id: 'lobby' });
      await bob.command('join_room', { room_id: 'lobby' });
      const answer = await nodes.ask(way, 'get_client', { connection_id: connectionId });
      expect(isValid(SERVICE_COMMANDS.get_client.replyData, answer)).toBe(true);
      expect(answer.client).toMatchObject({
        connection_id: connectionId,
        user_id: 'bob',
        node_id: 'n2',
        rooms: ['lobby'],
      });
    });

    it('`get_client` says that there is none once all nodes have, and else that it does not know', async () => {
      expect(await nodes.refusal(way, 'get_client', { connection_id: 'none' })).toMatchObject({
        name: 'ClientNotFound',
      });
      const unsure = await nodes.whileSilent(() => nodes.refusal(way, 'get_client', { connection_id: 'none' }));
      expect(unsure).toMatchObject({ name: 'ServerError', retryable: true, details: { unconfirmed: ['n2'] } });
    });

    it('`disconnect_user` ends his connections at all nodes with 4502, and he may come back', async () => {
      const token = nodes.first.token('carol');
      const carols = [await nodes.first.open({ token }), await nodes.second.open({ token })];
      const dave = await nodes.first.connect('dave');
      expect(await nodes.ask(way, 'disconnect_user', { user_id: 'carol' })).toEqual({
        ...{ closed: 2, nodes: 2, unconfirmed: [] },
      });
      for (const carol of carols) expect((await carol.closed).code).toBe(4502);
      await nodes.second.open({ token });
      await dave.settle();
      expect(await nodes.ask(way, 'disconnect_user', { user_id: 'nobody' })).toMatchObject({ closed: 0, nodes: 2 });
    });

    it('`disconnect_user` names the node that did not answer', async () => {
      const erin = await nodes.first.connect('erin');
      const ended = await nodes.whileSilent(() => nodes.ask(way, 'disconnect_user', { user_id: 'erin' }));
      expect(ended).toEqual({ closed: 1, nodes: 1, unconfirmed: ['n2'] });
      expect((await erin.closed).code).toBe(4502);
    });

    it('`send_to_user` reaches all his connections at all nodes once, data to the character', async () => {
      const frank = [await nodes.first.connect('frank'), await nodes.second.connect('frank')];
      const other = await nodes.second.connect('other');
      const push = { user_id: 'frank', type: 'invoice.paid', data: { amount: 1.5 } };
      const answer = await nodes.ask(way, 'send_to_user', push);
      expect(answer).toEqual({ delivered: 2, nodes: 2, unconfirmed: [] });
      await nodes.ask(way, 'send_to_user', { user_id: 'frank', type: 'empty' });
      for (const client of frank) {
        const [paid, empty] = [await next(client, 'invoice.paid'), await next(client, 'empty')];
        expect([paid?.data, paid?.request_id, empty?.data]).toEqual([{ amount: 1.5 }, undefined, {}]);
        expect(client.frames.filter(({ message_type }) => message_type === 'invoice.paid')).toHaveLength(1);
      }
      await other.settle();
      expect(other.frames.map(({ message_type }) => message_type)).toEqual(['connected', 'pong']);
    });

    it('`send_to_user` to one who is not there is delivered to nobody, which is no error', async () => {
      expect(await nodes.ask(way, 'send_to_user', { user_id: 'nobody', type: 'x' })).toEqual({
        ...{ delivered: 0, nodes: 2, unconfirmed: [] },
      });
      const sent = await nodes.whileSilent(() => nodes.ask(way, 'send_to_user', { user_id: 'nobody', type: 'x' }));
      expect(sent).toEqual({ delivered: 0, nodes: 1, unconfirmed: ['n2'] });
    });

    it('`send_to_client` reaches that connection of a user alone, wherever it is', async () => {
      const [here, there] = [await nodes.second.connect('grace'), await nodes.second.connect('grace')];
      const push = { connection_id: await idOf(there), type: 'nudge', data: [1] };
      expect(await nodes.ask(way, 'send_to_client', push)).toEqual({ delivered: 1, nodes: 2, unconfirmed: [] });
      expect((await next(there, 'nudge'))?.data).toEqual([1]);
      await here.settle();
      expect(here.frames.map(({ message_type }) => message_type)).not.toContain('nudge');
    });

    it('`send_to_client` says that there is none once all nodes have, and else which did not', async () => {
      const push = { connection_id: 'none', type: 'nudge' };
      expect(await nodes.refusal(way, 'send_to_client', push)).toMatchObject({ name: 'ClientNotFound' });
      expect(await nodes.whileSilent(() => nodes.ask(way, 'send_to_client', push))).toEqual({
        ...{ delivered: 0, nodes: 1, unconfirmed: ['n2'] },
      });
    });

    it('a type that is ours is refused, so that nobody speaks as the gateway', async () => {
      const replies = Object.values(COMMANDS).flatMap(({ reply }) => reply ?? []);
      for (const type of [...Object.keys(PUSHES), ...replies, 'error', 'done', '', 'no spaces', 'x'.repeat(65)]) {
        const refused = await nodes.refusal(way, 'send_to_user', { user_id: 'heidi', type });
        expect([type, refused]).toMatchObject([type, { name: 'InvalidFormat', details: [{ path: '/type' }] }]);
      }
    });

    it('data that is too large or nests too deep is refused', async () => {
      const large = { user_id: 'heidi', type: 'x', data: 'x'.repeat(65_536) };
      expect(await nodes.refusal(way, 'send_to_user', large)).toMatchObject({ name: 'MessageTooLarge' });
      const deep = JSON.parse(`${'['.repeat(63)}${']'.repeat(63)}`) as unknown;
      expect(await nodes.refusal(way, 'send_to_user', { user_id: 'heidi', type: 'x', data: deep })).toMatchObject({
        name: 'InvalidFormat',
      });
    });

    const WRONG: Partial<Record<ServiceCommand, object>> = {
      get_client: { connection_id: '' },
      disconnect_user: { user_id: 7 },
      send_to_user: { user_id: 'a\nb', type: 'x' },
      send_to_client: { type: 'x' },
    };
    it.each(Object.keys(WRONG) as ServiceCommand[])(
      '`%s` is for admin:system, and wrong data is named',
      async (name) => {
        expect(await nodes.refusal(way, name, {}, { permissions: ['admin:room', 'send:message'] })).toMatchObject({
          name: 'Forbidden',
          details: { permission: 'admin:system' },
        });
        const { name: error, details } = await nodes.refusal(way, name, WRONG[name] ?? {});
        expect([error, details]).toEqual([
          'InvalidFormat',
          [{ path: expect.any(String), message: expect.any(String) }],
        ]);
      },
    );
  });
});

const next = (client: TestClient, type: string) => client.nextFrame(({ message_type }) => message_type === type);
