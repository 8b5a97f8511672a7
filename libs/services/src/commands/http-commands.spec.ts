import { SERVICE_COMMANDS } from '@hubbub/protocol';
import { startGateway, type TestGateway } from '@hubbub/testing';

type Body = Record<string, unknown>;

/** Without NATS, as `npm start` runs: the same commands, by the same table. */
describe('commands of services over HTTP', () => {
  let gateway: TestGateway;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({ services: { trustNats: true } });
    token = gateway.token('service:billing', { permissions: ['admin:system'] });
  });
  afterAll(() => gateway.close());

  const post = (name: string, body?: unknown, by: string | undefined = token) =>
    gateway.fetch<Body>('POST', `/api/commands/${name}`, { ...(by === '' ? {} : { token: by }), body });

  it('are answered with the response of the command, contents to the character', async () => {
    expect((await post('create_room', { room_id: 'orders' })).body).toMatchObject({ room: { id: 'orders' } });
    const alice = await gateway.connect('alice');
    await alice.command('join_room', { room_id: 'orders' });
    const posted = await post('room_message', '{"room_id":"orders","content":{"b":1e2,"a":1.50}}');
    expect([posted.status, posted.body]).toMatchObject([200, { room_id: 'orders', seq: 1 }]);
    expect(await alice.next('room_message')).toMatchObject({ sender_id: 'service:billing', content: { b: 100 } });
    const history = await post('room_history', { room_id: 'orders' });
    expect(history.text).toContain('"content":{"b":1e2,"a":1.50}');
    expect(history.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect((await post('stats')).body).toMatchObject({ client_count: 1 });
  });

  it('are refused with the errors of PROTOCOL §8 and their statuses', async () => {
    const refusals = [
      [await post('get_room', { room_id: 'nowhere' }), 404, 'RoomNotFound'],
      [await post('get_room', { room_id: '*' }), 400, 'InvalidFormat'],
      [await post('get_room', '[1'), 400, 'InvalidFormat'],
      [await post('get_room', [1]), 400, 'InvalidFormat'],
      [await post('broadcast', `{"message":${'['.repeat(70)}${']'.repeat(70)}}`), 400, 'InvalidFormat'],
      [await post('nothing_of_ours', {}), 404, 'UnknownType'],
      [await post('constructor', {}), 404, 'UnknownType'],
      [await post('create_room', { room_id: 'orders' }), 409, 'RoomAlreadyExists'],
    ] as const;
    for (const [{ status, body }, code, name] of refusals) {
      expect([status, body]).toEqual([code, expect.objectContaining({ name, message: expect.any(String) })]);
    }
  });

  it('are for who has a token that grants them: NATS is trusted where it was, HTTP never', async () => {
    const none = await post('stats', {}, '');
    expect([none.status, none.body['name'], none.headers.get('www-authenticate')]).toEqual([
      ...[401, 'Unauthorized', 'Bearer'],
    ]);
    expect((await post('stats', { token }, '')).status).toBe(401);
    expect((await post('stats', {}, 'broken')).body).toMatchObject({ name: 'InvalidToken' });
    const poor = gateway.token('service:poor', { permissions: ['send:message@orders'] });
    expect(await post('stats', {}, poor)).toMatchObject({
      status: 403,
      body: { name: 'Forbidden', details: { permission: 'admin:system' } },
    });
    expect((await post('room_message', { room_id: 'orders', content: 1 }, poor)).status).toBe(200);
    expect((await post('room_message', { room_id: 'others', content: 1 }, poor)).status).toBe(403);
  });

  it('have the rate of their service', async () => {
    const slow = await startGateway({ services: { commandsPerS: 1 } });
    const options = { token: slow.token('service:busy'), body: {} };
    const asked = Array.from({ length: 20 }, () => slow.fetch('POST', '/api/commands/list_rooms', options));
    const refused = (await Promise.all(asked)).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    await slow.close();
  });

  it('are each described in OpenAPI, with what they take and answer', async () => {
    const { body } = await gateway.fetch<{ paths: Record<string, { post?: Body }> }>('GET', '/docs/openapi.json');
    for (const [name, { data, replyData }] of Object.entries(SERVICE_COMMANDS)) {
      const route = body.paths[`/api/commands/${name}`]?.post;
      const schemas = JSON.parse(JSON.stringify([data, replyData])) as unknown[];
      expect(route).toMatchObject({
        operationId: name,
        security: [{ bearer: [] }],
        requestBody: { content: { 'application/json': { schema: schemas[0] } } },
        responses: { '200': { content: { 'application/json': { schema: schemas[1] } } } },
      });
    }
  });
});
