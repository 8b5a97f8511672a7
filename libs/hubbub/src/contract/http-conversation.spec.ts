import { catalogueOf } from '@hubbub/protocol/contract';
import { startGateway, type TestGateway } from '@hubbub/testing';
import { Ajv, type AnySchemaObject } from 'ajv';
import { strict } from './testing/strict.js';

interface Told {
  readonly responses: Record<string, { content?: Record<string, { schema?: AnySchemaObject }> } | undefined>;
}
interface OpenApi {
  readonly paths: Record<string, Record<string, Told | undefined> | undefined>;
  readonly components: object;
}
type Ask = [route: string, path: string, status: number, options?: { token?: string; body?: unknown }];

/** What is answered over HTTP, route by route, done and refused, is what the document says. */
describe('every answer over HTTP', () => {
  let gateway: TestGateway;
  let document: OpenApi;
  const ajv = new Ajv({ strict: false, allErrors: true });
  const asked = new Set<string>();

  beforeAll(async () => {
    gateway = await startGateway();
    document = strict((await gateway.fetch('GET', '/docs/openapi.json')).body) as OpenApi;
    ajv.addSchema({ $id: 'document', components: document.components });
  });
  afterAll(() => gateway.close());

  async function ask(
    route: string,
    path: string,
    options: Ask[3] = {},
  ): Promise<{ status: number; fault: string | null }> {
    const [method = '', template = ''] = route.split(' ');
    const { status, headers, text, body } = await gateway.fetch(method, path, options);
    asked.add(route);
    const told = document.paths[template]?.[method.toLowerCase()]?.responses[String(status)];
    if (told === undefined) return { status, fault: `the document has no ${status}: ${text}` };
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    if (text === '') return { status, fault: told.content === undefined ? null : 'the document has a body' };
    const schema = told.content?.[type]?.schema;
    if (schema === undefined) return { status, fault: `the document has no ${type}: ${text.slice(0, 100)}` };
    const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object;
    const isRight = ajv.validate(resolved, type === 'application/json' ? body : text);
    return { status, fault: isRight ? null : `${ajv.errorsText()}: ${text}` };
  }

  it('is of the status and the schema that the document has', async () => {
    const token = gateway.token('root', { permissions: ['admin:system'] });
    const bob = gateway.token('bob', { permissions: [] });
    const user = gateway.token('user');
    const connection = await gateway.connect('mallory');
    await gateway.connect('erin');
    const { connection_id } = await connection.next('connected');
    const alice = { username: 'alice', password: 'correct horse battery' };
    const signedIn = (await gateway.fetch<{ refresh_token: string }>('POST', '/api/auth/register', { body: alice }))
      .body;
    const refresh = { refresh_token: signedIn.refresh_token };
    const long = 'x'.repeat(70_000);
    const asks: Ask[] = [
      ['POST /api/auth/register', '/api/auth/register', 201, { body: { ...alice, username: 'carol' } }],
      ['POST /api/auth/register', '/api/auth/register', 409, { body: alice }],
      ['POST /api/auth/register', '/api/auth/register', 400, { body: { username: 'x' } }],
      ['POST /api/auth/register', '/api/auth/register', 400, { body: '{not json' }],
      ['POST /api/auth/register', '/api/auth/register', 413, { body: { ...alice, more: long } }],
      ['POST /api/auth/login', '/api/auth/login', 200, { body: alice }],
      ['POST /api/auth/login', '/api/auth/login', 401, { body: { ...alice, password: 'something else' } }],
      ['POST /api/auth/refresh', '/api/auth/refresh', 401, { body: { refresh_token: 'none' } }],
      ['POST /api/auth/refresh', '/api/auth/refresh', 200, { body: refresh }],
      ['POST /api/auth/refresh', '/api/auth/refresh', 400, { body: {} }],
      ['POST /api/auth/logout', '/api/auth/logout', 200, { body: refresh }],
      ['POST /api/auth/logout', '/api/auth/logout', 400, { body: {} }],
      ['POST /api/rooms', '/api/rooms', 201, { token, body: { id: 'lobby', name: 'Lobby', metadata: { a: 1 } } }],
      ['POST /api/rooms', '/api/rooms', 409, { token, body: { id: 'lobby' } }],
      ['POST /api/rooms', '/api/rooms', 400, { token, body: { id: '!' } }],
      ['POST /api/rooms', '/api/rooms', 401, { body: { id: 'lobby' } }],
      ['POST /api/rooms', '/api/rooms', 403, { token: bob, body: { id: 'lobby2' } }],
      ['POST /api/rooms', '/api/rooms', 400, { token, body: { id: 'big', metadata: { long: 'x'.repeat(5000) } } }],
      ['POST /api/rooms', '/api/rooms', 413, { token, body: { id: 'big', metadata: { long } } }],
      ['POST /api/rooms', '/api/rooms', 201, { token, body: { id: 'spare' } }],
      ['GET /api/rooms', '/api/rooms?limit=1', 200, { token }],
      ['GET /api/rooms', '/api/rooms?limit=0', 400, { token }],
      ['GET /api/rooms', '/api/rooms', 403, { token: bob }],
      ['GET /api/rooms', '/api/rooms', 401],
      ['GET /api/rooms', '/api/rooms', 401, { token: 'x.y.z' }],
      ['GET /api/rooms/{id}', '/api/rooms/lobby', 200, { token }],
      ['GET /api/rooms/{id}', '/api/rooms/none', 404, { token }],
      ['GET /api/rooms/{id}', '/api/rooms/!', 400, { token }],
      ['PATCH /api/rooms/{id}', '/api/rooms/lobby', 200, { token, body: { name: 'New' } }],
      ['PATCH /api/rooms/{id}', '/api/rooms/lobby', 403, { token: user, body: { name: 'New' } }],
      ['PATCH /api/rooms/{id}', '/api/rooms/none', 404, { token, body: { name: 'New' } }],
      ['PATCH /api/rooms/{id}', '/api/rooms/lobby', 400, { token, body: { name: 1 } }],
      ['POST /api/rooms/{id}/messages', '/api/rooms/lobby/messages', 201, { token, body: { content: 1 } }],
      [
        'POST /api/rooms/{id}/messages',
        '/api/rooms/lobby/messages',
        201,
        { token, body: { content: 1, ephemeral: true } },
      ],
      [
        'POST /api/rooms/{id}/messages',
        '/api/rooms/lobby/messages',
        201,
        { token, body: { content: 1, idempotency_key: 'k' } },
      ],
      [
        'POST /api/rooms/{id}/messages',
        '/api/rooms/lobby/messages',
        201,
        { token, body: { content: 1, idempotency_key: 'k' } },
      ],
      ['POST /api/rooms/{id}/messages', '/api/rooms/none/messages', 404, { token, body: { content: 1 } }],
      ['POST /api/rooms/{id}/messages', '/api/rooms/lobby/messages', 403, { token: bob, body: { content: 1 } }],
      ['POST /api/rooms/{id}/messages', '/api/rooms/lobby/messages', 400, { token, body: {} }],
      ['POST /api/rooms/{id}/messages', '/api/rooms/lobby/messages', 413, { token, body: { content: long } }],
      ['GET /api/rooms/{id}/messages', '/api/rooms/lobby/messages', 200, { token }],
      ['GET /api/rooms/{id}/messages', '/api/rooms/lobby/messages?before=1&after=1', 400, { token }],
      ['GET /api/rooms/{id}/messages', '/api/rooms/none/messages', 404, { token }],
      ['GET /api/rooms/{id}/members', '/api/rooms/lobby/members', 200, { token }],
      ['GET /api/rooms/{id}/members', '/api/rooms/none/members', 404, { token }],
      ['GET /api/rooms/{id}/roles', '/api/rooms/lobby/roles', 200, { token }],
      ['GET /api/rooms/{id}/roles', '/api/rooms/none/roles', 404, { token }],
      [
        'POST /api/commands/join_user',
        '/api/commands/join_user',
        200,
        { token, body: { room_id: 'lobby', user_id: 'erin' } },
      ],
      ['DELETE /api/rooms/{id}/members/{user}', '/api/rooms/lobby/members/mallory', 403, { token: bob }],
      ['DELETE /api/rooms/{id}/members/{user}', '/api/rooms/lobby/members/nobody', 409, { token }],
      ['DELETE /api/rooms/{id}/members/{user}', '/api/rooms/lobby/members/erin', 204, { token }],
      ['DELETE /api/rooms/{id}/members/{user}', '/api/rooms/none/members/nobody', 404, { token }],
      ['POST /api/broadcast', '/api/broadcast', 200, { token, body: { message: 'x' } }],
      ['POST /api/broadcast', '/api/broadcast', 400, { token, body: {} }],
      ['POST /api/broadcast', '/api/broadcast', 403, { token: user, body: { message: 'x' } }],
      ['POST /api/broadcast', '/api/broadcast', 401, { body: { message: 'x' } }],
      ['POST /api/broadcast', '/api/broadcast', 413, { token, body: { message: long } }],
      ['GET /api/stats', '/api/stats', 200, { token }],
      ['GET /api/stats', '/api/stats', 403, { token: user }],
      ['GET /api/clients', '/api/clients?limit=1', 200, { token }],
      ['GET /api/clients', '/api/clients?limit=x', 400, { token }],
      ['GET /api/clients', '/api/clients', 401],
      ['GET /api/clients', '/api/clients?user_id=erin', 200, { token }],
      ['GET /api/operator/audit', '/api/operator/audit?limit=1', 200, { token }],
      ['GET /api/operator/audit', '/api/operator/audit?limit=x', 400, { token }],
      ['GET /api/operator/audit', '/api/operator/audit', 403, { token: user }],
      ['GET /api/operator/series', '/api/operator/series', 200, { token }],
      ['GET /api/operator/series', '/api/operator/series?since=soon', 400, { token }],
      ['GET /api/operator/series', '/api/operator/series', 403, { token: user }],
      ...['', '?sort=created&limit=1', '?sort=members&prefix=lob', '?sort=traffic'].map(
        (query): Ask => ['GET /api/operator/rooms', `/api/operator/rooms${query}`, 200, { token }],
      ),
      ['GET /api/operator/rooms', '/api/operator/rooms?sort=age', 400, { token }],
      ['GET /api/operator/rooms', '/api/operator/rooms', 403, { token: user }],
      ['GET /api/operator/rooms/{id}', '/api/operator/rooms/lobby', 200, { token }],
      ['GET /api/operator/rooms/{id}', '/api/operator/rooms/nowhere', 404, { token }],
      ['GET /api/operator/rooms/{id}', '/api/operator/rooms/lobby', 403, { token: user }],
      ['GET /api/operator/users/{id}', '/api/operator/users/erin', 200, { token }],
      ['GET /api/operator/users/{id}', '/api/operator/users/%00', 400, { token }],
      ['GET /api/operator/users/{id}', '/api/operator/users/erin', 401],
      [
        'POST /api/operator/explain',
        '/api/operator/explain',
        200,
        { token, body: { user_id: 'erin', command: 'ping' } },
      ],
      ['POST /api/operator/explain', '/api/operator/explain', 400, { token, body: { user_id: 'erin' } }],
      [
        'POST /api/operator/explain',
        '/api/operator/explain',
        409,
        { token, body: { user_id: 'none', command: 'ping' } },
      ],
      ['POST /api/operator/explain', '/api/operator/explain', 403, { token: user, body: {} }],
      ['GET /api/operator/config', '/api/operator/config', 200, { token }],
      ['GET /api/operator/config', '/api/operator/config', 403, { token: user }],
      ['POST /api/operator/nodes/{id}/drain', '/api/operator/nodes/none/drain', 404, { token }],
      ['POST /api/operator/nodes/{id}/drain', '/api/operator/nodes/no%20name/drain', 400, { token }],
      ['POST /api/operator/nodes/{id}/drain', '/api/operator/nodes/none/drain', 403, { token: user }],
      ['DELETE /api/clients/{connection}', '/api/clients/none', 404, { token }],
      ['DELETE /api/clients/{connection}', `/api/clients/${connection_id}`, 200, { token }],
      ['DELETE /api/clients/{connection}', '/api/clients/none', 403, { token: user }],
      ['DELETE /api/users/{id}/sessions', '/api/users/mallory/sessions', 200, { token }],
      ['DELETE /api/users/{id}/sessions', '/api/users/%00/sessions', 400, { token }],
      ['DELETE /api/users/{id}/sessions', '/api/users/mallory/sessions', 403, { token: user }],
      ['DELETE /api/tokens/{jti}', '/api/tokens/abc', 200, { token }],
      ['DELETE /api/tokens/{jti}', '/api/tokens/abc', 401],
      ['GET /health', '/health', 200],
      ['GET /health/live', '/health/live', 200],
      ['GET /health/ready', '/health/ready', 200],
      ['GET /metrics', '/metrics', 200],
      ['DELETE /api/rooms/{id}', '/api/rooms/lobby', 403, { token: user }],
      ['DELETE /api/rooms/{id}', '/api/rooms/spare', 204, { token }],
      ['DELETE /api/rooms/{id}', '/api/rooms/spare', 404, { token }],
    ];
    const wrong: unknown[] = [];
    for (const [route, path, status, options] of asks) {
      const got = await ask(route, path, options);
      if (got.status !== status || got.fault !== null) wrong.push([path, options?.body, status, got]);
    }
    // Commands of services by their examples: done or refused, each as the document has it.
    for (const { type, example } of catalogueOf().serviceCommands) {
      const bodies: Ask[3][] = [
        { token, body: example },
        { token, body: [] },
        { token, body: { long } },
      ];
      for (const options of [...bodies, { token: bob, body: example }, { body: example }]) {
        const { status, fault } = await ask(`POST /api/commands/${type}`, `/api/commands/${type}`, options);
        if (fault !== null) wrong.push([type, status, fault]);
      }
    }
    expect(wrong).toEqual([]);
    const routes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.filter((route) => !asked.has(route))).toEqual([]);
  }, 60_000);
});
