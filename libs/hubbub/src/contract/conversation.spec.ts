import { COMMANDS, PUSHES } from '@hubbub/protocol';
import { type Frame, startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import { Replies } from '@hubbub/transport';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Ajv, type AnySchemaObject } from 'ajv';
import Type from 'typebox';
import { strict } from './testing/strict.js';

interface AsyncApi {
  readonly components: { readonly messages: Record<string, { readonly payload: AnySchemaObject } | undefined> };
}

@WebSocketGateway()
class CountGateway {
  @SubscribeMessage('count')
  @Replies(Type.Object({ n: Type.Integer() }), { stream: true })
  async *count() {
    for (const n of [1, 2, 3]) yield await Promise.resolve({ n });
  }
}

/** What is said over real sockets, command by command, is what the document says. */
describe('every frame of a conversation', () => {
  let gateway: TestGateway;
  let alice: TestClient;
  let bob: TestClient;
  let faults: (message: string, frame: object) => string | null;
  /** By what they were sent for: `reply.ping`, `push.presence`, `error`. */
  const seen = new Set<string>();
  /** Which command each request of a client was. */
  const asked = new Map<TestClient, string[]>();

  beforeAll(async () => {
    gateway = await startGateway({ presence: { coalesceMs: 10 }, providers: [CountGateway] });
    const document = strict((await gateway.fetch('GET', '/docs/asyncapi.json')).body) as AsyncApi;
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajv.addSchema({ $id: 'document', components: document.components });
    faults = (message, frame) => {
      if (document.components.messages[message] === undefined) return `the document has no ${message}`;
      const pointer = message.replaceAll('~', '~0');
      return ajv.validate({ $ref: `document#/components/messages/${pointer}/payload` }, frame)
        ? null
        : ajv.errorsText();
    };
    alice = await gateway.connect('alice', { permissions: ['admin:system'] });
    bob = await gateway.connect('bob');
  });
  afterAll(() => gateway.close());

  /** Asks, and remembers what: the ids of a client count from 1. */
  async function ask(client: TestClient, type: string, data: object = {}): Promise<Frame> {
    asked.set(client, [...(asked.get(client) ?? []), type]);
    const answer = await client.request(type, data);
    const sent = { message_type: type, message_id: answer.request_id, data };
    if (answer.message_type !== 'error') expect([sent, faults(`command.${type}`, sent)]).toEqual([sent, null]);
    return answer;
  }

  function nameOf(client: TestClient, { message_type, request_id }: Frame): string {
    if (message_type === 'error' || message_type === 'done') return message_type;
    if (request_id === undefined) return `push.${message_type}`;
    if (message_type.endsWith('_item')) return `item.${message_type.slice(0, -'_item'.length)}`;
    return `reply.${asked.get(client)?.[Number(request_id) - 1]}`;
  }

  async function converse(): Promise<void> {
    const admin = { token: gateway.token('service', { permissions: ['admin:system'] }) };
    await ask(alice, 'ping', { ts: 1 });
    await ask(bob, 'authenticate', { token: gateway.token('bob') });
    await ask(bob, 'watch_online', { enabled: true });
    await ask(alice, 'create_room', { room_id: 'lobby', metadata: { topic: 1 } });
    await ask(alice, 'join_room', { room_id: 'lobby' });
    await ask(bob, 'join_room', { room_id: 'lobby' });
    await alice.next('presence', ({ joined }) => joined.some(({ user_id }) => user_id === 'bob'));
    await ask(bob, 'set_presence', { room_id: 'lobby', state: { typing: true } });
    await alice.next('presence', ({ updated }) => updated.length > 0);
    await ask(bob, 'room_message', { room_id: 'lobby', content: { any: ['thing'] }, idempotency_key: 'k' });
    await ask(bob, 'room_message', { room_id: 'lobby', content: { any: ['thing'] }, idempotency_key: 'k' });
    await ask(bob, 'room_message', { room_id: 'lobby', content: 1, ephemeral: true });
    await ask(alice, 'room_history', { room_id: 'lobby' });
    await ask(alice, 'room_members', { room_id: 'lobby' });
    await ask(alice, 'mark_read', { room_id: 'lobby', seq: 1 });
    await ask(alice, 'list_rooms', { limit: 1 });
    await ask(alice, 'update_room', { room_id: 'lobby', name: 'The lobby' });
    await ask(alice, 'set_member', { room_id: 'lobby', user_id: 'bob', role: 'moderator' });
    await ask(bob, 'redact_message', { room_id: 'lobby', seq: 1 });
    await ask(alice, 'room_history', { room_id: 'lobby' });
    await ask(bob, 'direct_message', { target_id: 'alice', content: 'psst' });
    await alice.next('direct_message');
    await ask(alice, 'inbox');
    await ask(alice, 'block_user', { user_id: 'mallory', blocked: true });
    await ask(bob, 'cancel', { request_id: 99 });
    await ask(bob, 'leave_room', { room_id: 'lobby' });
    await ask(bob, 'join_room', { room_id: 'lobby', history: 5 });
    await ask(alice, 'kick_member', { room_id: 'lobby', user_id: 'bob', reason: 'Enough.' });

    const other = await gateway.connect('alice', { permissions: ['admin:system'] });
    await ask(other, 'mark_read', { room_id: 'lobby', seq: 1 });
    await alice.next('marked_read');
    const expiring = await gateway.connect('eve', { claims: { exp: Math.floor(Date.now() / 1000) + 30 } });
    await expiring.next('token_expiring');
    await gateway.fetch('POST', '/api/broadcast', { ...admin, body: { message: 'all of you' } });
    await bob.next('broadcast');
    for (const command of ['join_user', 'leave_user']) {
      const body = { room_id: 'lobby', user_id: 'bob' };
      expect((await gateway.fetch('POST', `/api/commands/${command}`, { ...admin, body })).status).toBe(200);
    }
    await bob.next('room_left');

    const anonymous = await gateway.open();
    await ask(anonymous, 'inbox');
    await ask(bob, 'update_room', { room_id: 'lobby', name: 'Mine' });
    await ask(bob, 'join_room', { room_id: 'nowhere' });
    await ask(bob, 'join_room', { room_id: 7, since: {} });
    await ask(bob, 'no_such_type');
    await ask(bob, 'count');
    const tapped = await ask(alice, 'tap', { room_id: 'lobby', sample: 0.5 });
    await ask(alice, 'cancel', { request_id: tapped.request_id });
    await bob.nextFrame(({ message_type }) => message_type === 'done');
    bob.sendFrame('not JSON');

    await ask(alice, 'delete_room', { room_id: 'lobby' });
    await alice.next('room_deleted');
    await bob.next('online');
    anonymous.sendFrame({ message_type: 'close' });
    await anonymous.closed;
    await gateway.app.close();
    await bob.next('draining');
  }

  it('is of the schema that the document has for it, and every kind of frame is among them', async () => {
    await converse();
    const frames = [...gateway.clients].flatMap((client) =>
      client.frames.map((frame) => [nameOf(client, frame), frame] as const),
    );
    for (const [name, frame] of frames) {
      expect([name, frame, faults(name, frame)]).toEqual([name, frame, null]);
      seen.add(name);
    }
    const replies = Object.entries(COMMANDS).flatMap(([type, { reply, ...spec }]) => {
      return reply === null ? [] : ['streams' in spec ? `item.${type}` : `reply.${type}`];
    });
    const pushes = Object.keys(PUSHES).map((type) => `push.${type}`);
    expect([...replies, ...pushes, 'item.count', 'done', 'error'].filter((name) => !seen.has(name))).toEqual([]);
  });
});
