import type { TestGateway } from '@hubbub/testing';

type Tokens = Record<string, string>;

/** PROTOCOL §10, and SEEDS 11: the routes of Hubbub, whatever application they are in. */
export function describeHttp(name: string, start: () => Promise<TestGateway>): void {
  describe(name, () => {
    let gateway: TestGateway;
    let admin: string;
    let alice: string;

    beforeAll(async () => {
      gateway = await start();
      admin = gateway.token('root', { permissions: ['admin:system'] });
      alice = gateway.token('alice');
    });
    afterAll(() => gateway.close());

    const call = <Body = unknown>(method: string, path: string, token?: string, body?: unknown) =>
      gateway.fetch<Body>(method, path, {
        ...(token === undefined ? {} : { token }),
        ...(body === undefined ? {} : { body }),
      });
    const credentials = (username: string) => ({ username, password: `long enough for ${username}` });
    const register = async (username: string) =>
      (await call<Tokens>('POST', '/api/auth/register', undefined, credentials(username))).body;

    describe('accounts', () => {
      it('register answers 201 with tokens that open a socket; the user id is the name in lower case', async () => {
        const { status, body } = await call<Tokens>('POST', '/api/auth/register', undefined, credentials('Zoe'));
        expect(status).toBe(201);
        expect(body).toEqual({
          user_id: 'zoe',
          username: 'Zoe',
          access_token: expect.any(String),
          refresh_token: expect.any(String),
          expires_in: 900,
        });
        const client = await gateway.open({ token: body['access_token']! });
        expect(client.frames[0]?.data).toMatchObject({ user_id: 'zoe', username: 'Zoe' });
        expect((await call('POST', '/api/auth/register', undefined, credentials('zOE'))).status).toBe(409);
      });

      it.each([
        { username: 'ab', password: '12345678' },
        { username: 'a b c', password: '12345678' },
        { username: 'fine', password: 'short' },
        { username: 'fine' },
        {},
        [],
        null,
      ])('register refuses %j with 400 and details', async (body) => {
        const answer = await call('POST', '/api/auth/register', undefined, body);
        expect(answer.status).toBe(400);
        expect(answer.body).toMatchObject({ code: 1001, name: 'InvalidFormat' });
      });

      it('login answers alike for a wrong name and a wrong password', async () => {
        await register('login-user');
        expect((await call('POST', '/api/auth/login', undefined, credentials('login-user'))).status).toBe(200);
        const wrongPassword = await call('POST', '/api/auth/login', undefined, {
          username: 'login-user',
          password: 'not his password',
        });
        const wrongName = await call('POST', '/api/auth/login', undefined, credentials('nobody-here'));
        expect([wrongPassword.status, wrongName.status]).toEqual([401, 401]);
        expect(wrongPassword.body).toEqual(wrongName.body);
      });

      it('refresh rotates, and the reuse of an old token revokes the family', async () => {
        const { refresh_token: first } = await register('rotator');
        const second = await call<Tokens>('POST', '/api/auth/refresh', undefined, { refresh_token: first });
        expect(second.status).toBe(200);
        const { refresh_token } = second.body;
        expect(refresh_token).not.toBe(first);
        const third = await call<Tokens>('POST', '/api/auth/refresh', undefined, { refresh_token });
        expect(third.status).toBe(200);
        expect((await call('POST', '/api/auth/refresh', undefined, { refresh_token: first })).status).toBe(401);
        const latest = third.body['refresh_token'];
        expect((await call('POST', '/api/auth/refresh', undefined, { refresh_token: latest })).status).toBe(401);
      });

      it('logout ends the connections of the family with 4502, and no other', async () => {
        const session = await register('leaver');
        const other = (await call<Tokens>('POST', '/api/auth/login', undefined, credentials('leaver'))).body;
        const [client, elsewhere] = [
          await gateway.open({ token: session['access_token']! }),
          await gateway.open({ token: other['access_token']! }),
        ];
        expect(
          (await call('POST', '/api/auth/logout', undefined, { refresh_token: session['refresh_token'] })).status,
        ).toBe(200);
        expect(await client.closed).toMatchObject({ code: 4502 });
        await elsewhere.settle();
        expect(
          (await call('POST', '/api/auth/refresh', undefined, { refresh_token: session['refresh_token'] })).status,
        ).toBe(401);
      });
    });

    describe('rooms', () => {
      it('are made, read, changed, listed and deleted by the rules of the commands', async () => {
        const made = await call('POST', '/api/rooms', alice, { id: 'http', name: 'By HTTP', max_clients: 3 });
        expect([made.status, made.body]).toEqual([
          201,
          { status: 'room created', room: expect.objectContaining({ id: 'http', owner_id: 'alice' }) },
        ]);
        expect((await call('POST', '/api/rooms', alice, { id: 'http' })).body).toMatchObject({ code: 3001 });
        expect((await call('POST', '/api/rooms', alice, { id: 'http' })).status).toBe(409);
        expect((await call('GET', '/api/rooms/http', alice)).body).toMatchObject({
          id: 'http',
          name: 'By HTTP',
          member_count: 0,
          max_clients: 3,
        });
        expect((await call('PATCH', '/api/rooms/http', alice, { name: 'Renamed' })).body).toMatchObject({
          name: 'Renamed',
        });
        expect((await call('PATCH', '/api/rooms/http', gateway.token('bob'), { name: 'Mine' })).status).toBe(403);
        expect((await call('GET', '/api/rooms?prefix=http', alice)).body).toEqual([
          expect.objectContaining({ id: 'http' }),
        ]);
        expect((await call('DELETE', '/api/rooms/http', alice)).status).toBe(204);
        expect((await call('GET', '/api/rooms/http', alice)).status).toBe(404);
      });

      it('are listed by pages with a Link header', async () => {
        for (let n = 0; n < 5; n++) await call('POST', '/api/rooms', alice, { id: `page-${n}` });
        const ids: string[] = [];
        for (let path: string | undefined = '/api/rooms?prefix=page-&limit=2'; path !== undefined; ) {
          const { body, headers }: Awaited<ReturnType<typeof call>> = await call('GET', path, alice);
          ids.push(...(body as { id: string }[]).map((room) => room.id));
          path = /<([^>]+)>; *rel="next"/.exec(headers.get('link') ?? '')?.[1]?.replace(gateway.http, '');
        }
        expect(ids).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
      });

      it("take messages without a socket, delivered to all connections, the poster's too", async () => {
        await call('POST', '/api/rooms', alice, { id: 'posted' });
        const client = await gateway.connect('alice');
        await client.command('join_room', { room_id: 'posted' });
        const posted = await call('POST', '/api/rooms/posted/messages', alice, {
          content: { text: 'hi' },
          idempotency_key: 'k',
        });
        expect([posted.status, posted.body]).toEqual([
          201,
          { seq: 1, epoch: expect.any(String), timestamp: expect.any(Number) },
        ]);
        expect(await client.next('room_message')).toMatchObject({
          seq: 1,
          sender_id: 'alice',
          content: { text: 'hi' },
        });
        expect(
          (await call('POST', '/api/rooms/posted/messages', alice, { content: 1, idempotency_key: 'k' })).body,
        ).toMatchObject({ seq: 1 });
        expect((await call('GET', '/api/rooms/posted/messages?limit=10', alice)).body).toMatchObject({
          messages: [{ seq: 1 }],
          has_more: false,
        });
        expect((await call('GET', '/api/rooms/posted/members', alice)).body).toMatchObject({
          member_count: 1,
          members: [{ user_id: 'alice' }],
        });
        await client.command('set_member', { room_id: 'posted', user_id: 'bob', role: 'member' });
      });

      it('let a member be kicked', async () => {
        await call('POST', '/api/rooms', alice, { id: 'kicking' });
        const bob = await gateway.connect('bob');
        await bob.command('join_room', { room_id: 'kicking' });
        expect((await call('DELETE', '/api/rooms/kicking/members/bob', alice)).status).toBe(204);
        await bob.next('member_kicked');
      });
    });

    describe('operation', () => {
      it('is for admin:system alone', async () => {
        for (const [method, path] of [
          ['GET', '/api/stats'],
          ['GET', '/api/clients'],
          ['POST', '/api/broadcast'],
          ['DELETE', '/api/users/x/sessions'],
          ['DELETE', '/api/tokens/x'],
          ['DELETE', '/api/clients/x'],
        ] as const) {
          const body = method === 'POST' ? { message: 'x' } : undefined;
          expect([path, (await call(method, path, undefined, body)).status]).toEqual([path, 401]);
          expect([path, (await call(method, path, alice, body)).status]).toEqual([path, 403]);
        }
      });

      it('broadcast reaches every identified connection; an empty one is 400', async () => {
        const [one, stranger] = [await gateway.connect('listener'), await gateway.open()];
        expect((await call('POST', '/api/broadcast', admin, { message: 'all hands' })).body).toEqual({
          status: 'broadcast initiated',
        });
        expect(await one.next('broadcast')).toEqual({ message: 'all hands', sender_id: 'root' });
        await stranger.settle();
        expect(stranger.pushes('broadcast')).toEqual([]);
        for (const body of [{}, { message: '' }, { message: null }])
          expect((await call('POST', '/api/broadcast', admin, body)).status).toBe(400);
      });

      it('stats and clients tell what is there, and a connection can be ended', async () => {
        const client = await gateway.connect('listed');
        await client.command('create_room', { room_id: 'listed' });
        await client.command('join_room', { room_id: 'listed' });
        const { body: stats } = await call('GET', '/api/stats', admin);
        expect(stats).toMatchObject({
          client_count: expect.any(Number),
          user_count: expect.any(Number),
          room_count: expect.any(Number),
          message_rate: expect.any(Number),
          timestamp: expect.any(Number),
          cluster_mode: false,
          nodes: [expect.any(Object)],
        });
        const all: { connection_id: string; user_id: string | null }[] = [];
        let cursor = '';
        do {
          type Page = { total_clients: number; clients: typeof all; next_cursor?: string };
          const { body: page } = await call<Page>('GET', `/api/clients?limit=2${cursor}`, admin);
          expect(page.total_clients).toBe((stats as { client_count: number }).client_count);
          all.push(...page.clients);
          cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
        } while (cursor !== '');
        expect(new Set(all.map((row) => row.connection_id)).size).toBe(
          (stats as { client_count: number }).client_count,
        );
        const mine = all.find((row) => row.user_id === 'listed');
        expect(mine).toEqual({
          connection_id: expect.any(String),
          user_id: 'listed',
          node_id: expect.any(String),
          rooms: ['listed'],
          connected_at: expect.any(Number),
          remote_address: '127.0.0.1',
        });
        expect((await call('DELETE', `/api/clients/${mine?.connection_id}`, admin)).body).toEqual({
          closed: 1,
          nodes: 1,
          unconfirmed: [],
        });
        expect(await client.closed).toMatchObject({ code: 4502 });
      });

      it('health, readiness, metrics and the API description are there without a token', async () => {
        const health = await call('GET', '/health');
        expect([health.status, health.body]).toEqual([
          200,
          expect.objectContaining({ status: 'ok', version: expect.any(String) }),
        ]);
        expect((await call('GET', '/health/live')).status).toBe(200);
        expect((await call('GET', '/health/ready')).status).toBe(200);
        expect((await call('GET', '/metrics')).text).toContain('hubbub_connections');
        const { body: openapi } = await call('GET', '/docs/openapi.json');
        const paths = Object.keys((openapi as { paths: object }).paths);
        for (const path of [
          '/api/auth/register',
          '/api/rooms/{id}/messages',
          '/api/broadcast',
          '/api/users/{id}/sessions',
        ])
          expect(paths).toContain(path);
        expect((await call('GET', '/docs')).status).toBe(200);
      });
    });

    it('answers bad JSON and a body too large as JSON errors', async () => {
      const bad = await gateway.fetch('POST', '/api/rooms', {
        token: alice,
        body: '{',
        headers: { 'content-type': 'application/json' },
      });
      expect([bad.status, bad.body]).toEqual([400, expect.objectContaining({ code: 1001 })]);
      const large = await call('POST', '/api/rooms', alice, { metadata: { x: 'x'.repeat(200_000) } });
      expect([large.status, large.body]).toEqual([413, expect.objectContaining({ code: 4002 })]);
    });
  });
}
