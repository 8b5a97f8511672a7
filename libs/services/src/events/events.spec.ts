import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { EVENTS, type EventType, eventId, isValid, subjectId } from '@hubbub/protocol';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { StockService } from '../testing/stock-service.js';
import { StreamReader } from '../testing/stream-reader.js';

const NODE_TIMEOUT_MS = 2000;
const ROOM = 'a.b:c';
const EVERYTHING = ['room', 'client', 'user', 'node'].map((scope) => `hubbub.evt.${scope}.*.*`);

describeWithBroker('nats', 'events for services', () => {
  describe.each([
    ['core NATS', false],
    ['JetStream', true],
  ])('over %s', (_, withStream) => {
    let broker: BrokerProcess;
    let service: StockService;
    let first: TestGateway;
    let second: TestGateway;
    let alice: TestClient;
    let bob: TestClient;

    const start = (nodeId: string, dataDir?: string) =>
      startGateway({
        bus: { type: 'nats', url: broker.url, jetstream: withStream },
        cluster: { nodeId, nodeTimeoutMs: NODE_TIMEOUT_MS, repairMs: 200 },
        presence: { graceMs: 0 },
        ...(dataDir === undefined ? {} : { dataDir }),
      });

    beforeAll(async () => {
      broker = await BrokerProcess.start('nats');
      service = await StockService.start({ url: broker.url, patterns: [...EVERYTHING, 'hubbub.eph.room.*.*'] });
      first = await start('n1');
      second = await start('n2', first.dataDir);
    });
    afterAll(async () => {
      await second.close();
      await first.close();
      await service.close();
      await broker.remove();
    });

    it('tell of nodes that come', async () => {
      for (const node of ['n1', 'n2']) {
        const { subject, data } = await service.next('node_joined', ({ node_id }) => node_id === node);
        expect([subject, data]).toEqual([
          `hubbub.evt.node.${node}.node_joined`,
          { ...data, node_id: node, version: expect.any(String) },
        ]);
      }
    });

    it('tell of connections, their users, and what they send, never of what it says', async () => {
      alice = await first.connect('alice', { username: 'Alice' });
      const { connection_id } = await alice.next('connected');
      const { subject, data } = await service.next('client_connected');
      expect(subject).toBe(`hubbub.evt.client.${connection_id}.client_connected`);
      expect(data).toMatchObject({
        node_id: 'n1',
        connection_id,
        user_id: 'alice',
        username: 'Alice',
        anonymous: false,
      });
      expect((await service.next('user_online')).data).toMatchObject({ user_id: 'alice', node_id: 'n1' });
      bob = await second.connect('bob');
      await alice.command('ping', { ts: 4711 });
      expect((await service.next('client_message')).data).toMatchObject({
        ...{ connection_id, user_id: 'alice', message_type: 'ping' },
      });
      await alice.request('join_room', { room_id: 'nowhere' });
      expect((await service.next('client_error')).data).toMatchObject({ message_type: 'join_room', code: 3000 });
      alice.sendFrame('no json');
      expect((await service.next('client_error')).data).toMatchObject({ message_type: null, name: 'InvalidFormat' });
      expect(JSON.stringify(service.heard)).not.toContain('4711');
    });

    it('tell of rooms and who comes to them', async () => {
      await alice.command('create_room', { room_id: ROOM, max_clients: 7 });
      const { subject, data } = await service.next('room_created');
      expect(subject).toBe('hubbub.evt.room.a=2Eb=3Ac.room_created');
      expect(subjectId('a=2Eb=3Ac')).toBe(ROOM);
      expect(data).toMatchObject({ room_id: ROOM, actor_id: 'alice', room: { id: ROOM, max_clients: 7 } });
      await alice.command('join_room', { room_id: ROOM });
      await bob.command('join_room', { room_id: ROOM });
      const member = { room_id: ROOM, user_id: 'bob', username: 'bob', node_id: 'n2' };
      expect((await service.next('room_joined', ({ user_id }) => user_id === 'bob')).data).toMatchObject(member);
      await alice.command('update_room', { room_id: ROOM, name: 'Letters' });
      expect((await service.next('room_updated')).data).toMatchObject({ actor_id: 'alice', room: { name: 'Letters' } });
    });

    it('tell of messages as members are told, to the character', async () => {
      bob.sendFrame(
        `{"message_type":"room_message","message_id":900,"data":{"room_id":"${ROOM}","content":{"z":1.0,"a":"\\u00e9"}}}`,
      );
      const push = await alice.next('room_message');
      const { subject, data } = await service.next('room_message');
      expect(subject).toBe('hubbub.evt.room.a=2Eb=3Ac.room_message');
      expect(data).toEqual(push);
      await bob.command('room_message', { room_id: ROOM, content: 'typing', ephemeral: true });
      const passing = await service.next('room_message');
      expect(passing.subject).toBe('hubbub.eph.room.a=2Eb=3Ac.room_message');
      expect(passing.data).toMatchObject({ room_id: ROOM, sender_id: 'bob', content: 'typing', ephemeral: true });
      expect(passing.data).not.toHaveProperty('seq');
    });

    it('tell of redactions, roles, presence and who is sent away', async () => {
      await alice.command('redact_message', { room_id: ROOM, seq: 1 });
      expect((await service.next('message_redacted')).data).toMatchObject({ room_id: ROOM, seq: 1, actor_id: 'alice' });
      await bob.command('set_presence', { room_id: ROOM, state: { mood: 'calm' } });
      expect((await service.next('presence')).data).toMatchObject({ user_id: 'bob', state: { mood: 'calm' } });
      await bob.command('set_presence', { state: { mood: 'gone' } });
      expect((await service.next('presence')).data).toMatchObject({ room_id: ROOM, state: { mood: 'gone' } });
      await alice.command('set_member', { room_id: ROOM, user_id: 'bob', role: 'moderator' });
      expect((await service.next('member_set')).data).toMatchObject({ user_id: 'bob', role: 'moderator' });
      await alice.command('kick_member', { room_id: ROOM, user_id: 'bob', reason: 'spam' });
      expect((await service.next('member_kicked')).data).toMatchObject({ actor_id: 'alice', reason: 'spam' });
      expect((await service.next('room_left')).data).toMatchObject({ user_id: 'bob', node_id: 'n2' });
    });

    it('tell of those who go: a connection, its user, his place, the room', async () => {
      await bob.close();
      const { data } = await service.next('client_disconnected');
      expect(data).toMatchObject({ user_id: 'bob', code: 1000, clean: true });
      expect((await service.next('user_offline')).data).toMatchObject({ user_id: 'bob' });
      await alice.command('leave_room', { room_id: ROOM });
      expect((await service.next('room_left')).data).toMatchObject({ user_id: 'alice', node_id: 'n1' });
      await alice.command('delete_room', { room_id: ROOM });
      expect((await service.next('room_deleted')).data).toMatchObject({ room_id: ROOM, actor_id: 'alice' });
    });

    it('tell of a node that goes, once, whoever tells it', async () => {
      const third = await start('n3', first.dataDir);
      await service.next('node_joined', ({ node_id }) => node_id === 'n3');
      await third.close();
      expect((await service.next('node_left')).data).toMatchObject({ node_id: 'n3' });
    });

    it('reach one of those that share a queue', async () => {
      const options = { url: broker.url, patterns: ['hubbub.evt.room.*.room_message'], queue: 'billing' };
      const shared = [await StockService.start(options), await StockService.start(options)];
      await alice.command('create_room', { room_id: 'shared' });
      await alice.command('join_room', { room_id: 'shared' });
      for (let n = 1; n <= 60; n++) await alice.command('room_message', { room_id: 'shared', content: n });
      await service.next('room_message', ({ content }) => content === 60);
      const count = () => shared[0]!.heard.length + shared[1]!.heard.length;
      await Promise.race(shared.map((one) => one.until(() => count() >= 60)));
      await alice.command('room_message', { room_id: 'shared', content: 61 });
      await Promise.race(shared.map((one) => one.until(() => one.heard.at(-1)?.data['seq'] === 61)));
      expect(
        shared.flatMap(({ heard }) => heard.map(({ data }) => data['seq'])).sort((a, b) => Number(a) - Number(b)),
      ).toEqual(Array.from({ length: 61 }, (__, n) => n + 1));
      expect(Math.min(...shared.map(({ heard }) => heard.length))).toBeGreaterThan(5);
      for (const one of shared) await one.close();
    });

    it('each have been heard, as they are described, and no one twice', async () => {
      const told = service.heard.filter(({ subject }) => subject.startsWith('hubbub.evt.'));
      expect([...new Set(told.map(({ type }) => type))].sort()).toEqual(Object.keys(EVENTS).sort());
      for (const { type, data } of service.heard) {
        expect([type, data, isValid(EVENTS[type as EventType].data, data)]).toEqual([
          type,
          data,
          // Without a number, as nothing keeps it.
          data['ephemeral'] !== true || !('seq' in data),
        ]);
      }
      const ids = told.map(({ data }) => eventId(data));
      expect(ids.filter((id) => typeof id !== 'string')).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('are in the stream with JetStream, all but what is ephemeral, and stored ones by their id', async () => {
      const nats = await connect({ servers: broker.url });
      const manager = await jetstreamManager(nats);
      const names = (await manager.streams.list().next()).map(({ config }) => config.name);
      expect(names).toEqual(withStream ? ['HUBBUB_EVENTS'] : []);
      await nats.close();
      if (!withStream) return;
      const reader = await StreamReader.open(broker.url);
      const facts = await reader.all();
      await reader.close();
      expect(facts.filter(({ subject }) => !subject.startsWith('hubbub.evt.'))).toEqual([]);
      expect([...new Set(facts.map(({ type }) => type))].sort()).toEqual(Object.keys(EVENTS).sort());
      for (const { type, id, data } of facts) {
        expect([type, id]).toEqual([type, EVENTS[type as EventType].stored ? eventId(data) : '']);
      }
    });
  });
});
