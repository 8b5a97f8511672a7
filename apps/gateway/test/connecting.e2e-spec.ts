import { signJwt, startGateway, type TestGateway, UpgradeRefused } from '@hubbub/testing';

const now = () => Math.floor(Date.now() / 1000);

async function refusal(
  attempt: Promise<unknown>,
): Promise<{ status: number; body: Record<string, unknown>; headers: Record<string, unknown> }> {
  const error = await attempt.then(
    () => {
      throw new Error('was let in');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpgradeRefused)) throw error;
  return { status: error.status, body: JSON.parse(error.body) as Record<string, unknown>, headers: error.headers };
}

/** PROTOCOL §1, and SEEDS 3, 4, 10, 11: identity comes from the token alone. */
describe('connecting', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({
      server: { allowedOrigins: ['https://app.example'] },
      limits: { connectionsPerUser: 3 },
    });
  });
  afterAll(() => gateway.close());

  it('opens with a valid token; the first frame is connected, with the identity of the token', async () => {
    const client = await gateway.connect('Ann Ä', { username: 'Ann', permissions: ['join:room'] });
    expect(client.frames[0]).toEqual({
      message_type: 'connected',
      timestamp: expect.any(Number),
      data: {
        connection_id: expect.any(String),
        node_id: expect.any(String),
        protocol: 'hubbub.v1',
        user_id: 'Ann Ä',
        username: 'Ann',
        anonymous: false,
        authenticated: true,
        permissions: ['join:room'],
        expires_at: expect.any(Number),
        inbox_epoch: expect.any(String),
        inbox_seq: 0,
        heartbeat_interval_ms: 25_000,
        max_message_bytes: 65_536,
        commands_per_s: expect.any(Number),
        commands_burst: expect.any(Number),
        server_version: expect.any(String),
        contract: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    });
    expect(client.socket.protocol).toBe('hubbub.v1');
  });

  it('takes the token from the header, a subprotocol or the query, and the first of them wins', async () => {
    const [alice, bob] = [gateway.token('alice'), gateway.token('bob')];
    const who = async (...attempt: Parameters<TestGateway['open']>) =>
      (await gateway.open(...attempt)).frames[0]?.data['user_id'];
    expect(await who({ protocols: ['hubbub.v1', `bearer.${alice}`] })).toBe('alice');
    expect(await who({ protocols: [] }, `${gateway.ws}?token=${bob}`)).toBe('bob');
    expect(await who({ token: alice, protocols: ['hubbub.v1', `bearer.${bob}`] }, `${gateway.ws}?token=${bob}`)).toBe(
      'alice',
    );
    const { status } = await refusal(gateway.open({ token: 'broken', protocols: ['hubbub.v1', `bearer.${bob}`] }));
    expect(status).toBe(401);
  });

  it('never takes an identity from path, query or payload', async () => {
    const eve = await gateway.open(
      { token: gateway.token('eve') },
      `${gateway.ws}?client_id=alice&user_id=alice&sender=alice`,
    );
    expect(eve.frames[0]?.data).toMatchObject({ user_id: 'eve' });
    await eve.command('create_room', { room_id: 'spoof', owner_id: 'alice', user_id: 'alice' } as never);
    const { room } = await eve.command('join_room', {
      room_id: 'spoof',
      user_id: 'alice',
      client_id: 'alice',
    } as never);
    expect(room.owner_id).toBe('eve');
    const other = await gateway.connect('carol');
    await other.command('join_room', { room_id: 'spoof' });
    eve.sendFrame({
      message_type: 'room_message',
      client_id: 'alice',
      data: { room_id: 'spoof', content: 1, sender_id: 'alice', sender_name: 'alice' },
    });
    expect(await other.next('room_message')).toMatchObject({ sender_id: 'eve', sender_name: 'eve' });
  });

  it('naming the connection or the user of somebody else takes nothing from him', async () => {
    const victim = await gateway.connect('victim');
    const { connection_id } = await victim.next('connected');
    const token = gateway.token('thief');
    const thief = await gateway.open({ token }, `${gateway.ws}?client_id=${connection_id}&id=${connection_id}`);
    expect(thief.frames[0]?.data['connection_id']).not.toBe(connection_id);
    expect((await refusal(gateway.open({ token }, `${gateway.ws}/victim`))).status).toBe(404);
    const friend = await gateway.connect('friend');
    await friend.command('direct_message', { target_id: 'victim', content: 'for you alone' });
    expect(await victim.next('direct_message')).toMatchObject({ content: 'for you alone' });
    await thief.close();
    await victim.settle();
    expect(thief.pushes('direct_message')).toEqual([]);
  });

  it('a second connection of a user does not end the first, nor the end of one the other', async () => {
    const [one, two] = [await gateway.connect('twice'), await gateway.connect('twice')];
    await one.close();
    expect(await two.command('ping', {})).toMatchObject({ server_ts: expect.any(Number) });
    const friend = await gateway.connect('friend');
    await friend.command('direct_message', { target_id: 'twice', content: 'still there' });
    expect(await two.next('direct_message')).toMatchObject({ content: 'still there' });
  });

  it.each([
    ['not a token', () => 'abc', 2003],
    [
      'signed by somebody else',
      () => signJwt({ user_id: 'eve', exp: now() + 60, iss: 'hubbub' }, 'another secret of forty characters or so'),
      2003,
    ],
    [
      'unsigned',
      () =>
        `${signJwt({ user_id: 'eve', exp: now() + 60, iss: 'hubbub' }, '', { alg: 'none' })
          .split('.')
          .slice(0, 2)
          .join('.')}.`,
      2003,
    ],
    ['without exp', () => signJwt({ user_id: 'eve', iss: 'hubbub', iat: now() }), 2003],
    ['of another issuer', () => signJwt({ user_id: 'eve', exp: now() + 60, iss: 'other' }), 2003],
    ['without a user', () => signJwt({ exp: now() + 60, iss: 'hubbub' }), 2003],
    ['of a user that looks anonymous', () => signJwt({ user_id: 'anon:1', exp: now() + 60, iss: 'hubbub' }), 2003],
    ['of a user with control characters', () => signJwt({ user_id: 'a\nb', exp: now() + 60, iss: 'hubbub' }), 2003],
    ['expired', () => signJwt({ user_id: 'eve', exp: now() - 1, iss: 'hubbub' }), 2002],
  ])('refuses a token that is %s with 401 and no upgrade', async (_what, token, code) => {
    const { status, body } = await refusal(gateway.open({ token: token() }));
    expect([status, body['code']]).toEqual([401, code]);
    expect(body).toMatchObject({ name: expect.any(String), message: expect.any(String) });
  });

  it('permissions that are no array grant nothing', async () => {
    const client = await gateway.open({
      token: signJwt({ user_id: 'x', exp: now() + 60, iss: 'hubbub', permissions: 'admin:system' }),
    });
    await expect(client.command('create_room', {})).rejects.toMatchObject({
      code: 2001,
      body: { details: { permission: 'create:room' } },
    });
  });

  it('opens without a token but serves only ping, authenticate and close', async () => {
    const client = await gateway.open();
    expect(client.frames[0]?.data).toMatchObject({
      user_id: null,
      username: null,
      permissions: [],
      authenticated: false,
      anonymous: false,
      inbox_seq: 0,
    });
    await client.command('ping');
    await expect(client.command('join_room', { room_id: 'x' })).rejects.toMatchObject({ code: 2000 });
    await expect(client.command('no_such_type')).rejects.toMatchObject({ code: 2000 });
    await expect(client.command('authenticate', { token: 'broken' })).rejects.toMatchObject({ code: 2003 });
    expect(await client.command('authenticate', { token: gateway.token('late') })).toMatchObject({
      user_id: 'late',
      authenticated: true,
    });
    await client.command('create_room', {});
  });

  it('authenticate takes another token of the same user, and of nobody else', async () => {
    const client = await gateway.connect('alice', { permissions: [] });
    await expect(client.command('create_room', {})).rejects.toMatchObject({ code: 2001 });
    await expect(client.command('authenticate', { token: gateway.token('bob') })).rejects.toMatchObject({ code: 2001 });
    await client.command('authenticate', { token: gateway.token('alice', { permissions: ['create:room'] }) });
    await client.command('create_room', {});
    await client.close();
  });

  it('answers other paths with 404 and a plain GET with 426, as JSON', async () => {
    const { status, body } = await refusal(gateway.open({}, `ws://127.0.0.1:${gateway.port}/elsewhere`));
    expect([status, body['name']]).toEqual([404, expect.any(String)]);
    const plain = await gateway.fetch('GET', '/ws');
    expect([plain.status, plain.headers.get('upgrade')]).toEqual([426, expect.stringMatching(/websocket/i)]);
    expect(plain.body).toMatchObject({
      code: expect.any(Number),
      name: expect.any(String),
      message: expect.any(String),
    });
  });

  it('refuses an unknown subprotocol alone, and a bearer one alone, with 400', async () => {
    expect((await refusal(gateway.open({ protocols: ['chat.v9'] }))).status).toBe(400);
    expect((await refusal(gateway.open({ protocols: [`bearer.${gateway.token('alice')}`] }))).status).toBe(400);
    expect(
      (await gateway.open({ protocols: ['chat.v9', 'hubbub.v1'], token: gateway.token('p') })).socket.protocol,
    ).toBe('hubbub.v1');
  });

  it('lets in pages of its own host and of the list, and no others', async () => {
    const token = gateway.token('pages');
    const from = (origin: string) => gateway.open({ token, origin });
    await (await from(gateway.http)).close();
    await (await from('https://app.example')).close();
    const { status, body } = await refusal(from('https://evil.example'));
    expect([status, body['code']]).toEqual([403, 2001]);
  });

  it('refuses more connections of a user than allowed with 429 and Retry-After', async () => {
    for (let n = 0; n < 3; n++) await gateway.connect('many');
    const { status, headers } = await refusal(gateway.connect('many'));
    expect(status).toBe(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('closes with 1000 when asked to', async () => {
    const client = await gateway.connect('leaver');
    client.sendFrame({ message_type: 'close', message_id: 1 });
    expect(await client.closed).toMatchObject({ code: 1000 });
  });
});

describe('connecting with anonymous access', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ auth: { anonymous: { enabled: true } } });
  });
  afterAll(() => gateway.close());

  it('opens as anon:<id> with the permissions of the configuration, and can do what they allow', async () => {
    const owner = await gateway.connect('owner');
    await owner.command('create_room', { room_id: 'open' });
    const anonymous = await gateway.open();
    expect(anonymous.frames[0]?.data).toMatchObject({
      user_id: expect.stringMatching(/^anon:./),
      anonymous: true,
      authenticated: false,
      permissions: ['read:message', 'join:room', 'leave:room'],
    });
    await anonymous.command('join_room', { room_id: 'open' });
    await expect(anonymous.command('room_message', { room_id: 'open', content: 1 })).rejects.toMatchObject({
      code: 2001,
    });
    await expect(anonymous.command('authenticate', { token: gateway.token('alice') })).rejects.toMatchObject({
      code: 2001,
    });
  });
});

describe('expiry and revocation of live connections', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ auth: { deadlineMs: 100 } });
  });
  afterAll(() => gateway.close());

  it('warns at once when less than 60 s are left, and closes with 4501 when the token has expired', async () => {
    const client = await gateway.connect('brief', { claims: { exp: now() + 2 } });
    expect(await client.next('token_expiring')).toEqual({ expires_at: expect.any(Number) });
    expect(await client.closed).toMatchObject({ code: 4501 });
  });

  it('does not close a connection that took a newer token in time', async () => {
    const client = await gateway.connect('renewed', { claims: { exp: now() + 2 } });
    await client.next('token_expiring');
    await client.command('authenticate', { token: gateway.token('renewed') });
    const witness = await gateway.connect('witness', { claims: { exp: now() + 3 } });
    await witness.closed;
    expect(client.ending).toBeUndefined();
  });

  it('closes a connection that never authenticates with 4500', async () => {
    expect(await (await gateway.open()).closed).toMatchObject({ code: 4500 });
  });

  it('revoking a user closes with 4502 and refuses all his tokens up to then', async () => {
    const admin = gateway.token('root', { permissions: ['admin:system'] });
    const old = gateway.token('revoked', { claims: { iat: now() - 5 } });
    const client = await gateway.open({ token: old });
    const answer = await gateway.fetch('DELETE', '/api/users/revoked/sessions', { token: admin });
    expect([answer.status, answer.body]).toEqual([200, { closed: 1, nodes: 1, unconfirmed: [] }]);
    expect(await client.closed).toMatchObject({ code: 4502 });
    expect((await refusal(gateway.open({ token: old }))).body).toMatchObject({ code: 2003 });
    await gateway.connect('revoked', { claims: { iat: now() + 2 } });
  });

  it('revoking one token by its id leaves the user his others', async () => {
    const admin = gateway.token('root', { permissions: ['admin:system'] });
    const [bad, good] = [
      gateway.token('two', { claims: { jti: 'bad' } }),
      gateway.token('two', { claims: { jti: 'good' } }),
    ];
    const [one, two] = [await gateway.open({ token: bad }), await gateway.open({ token: good })];
    expect((await gateway.fetch('DELETE', '/api/tokens/bad', { token: admin })).body).toEqual({
      closed: 1,
      nodes: 1,
      unconfirmed: [],
    });
    expect(await one.closed).toMatchObject({ code: 4502 });
    await two.settle();
    expect((await gateway.fetch('GET', '/api/rooms', { token: bad })).status).toBe(401);
  });
});

/** PROTOCOL §6: what narrowed grants do not reach. */
describe('grants narrowed to rooms', () => {
  it('open no direct message, inbox or list, whatever room the payload adds', async () => {
    const gateway = await startGateway();
    const client = await gateway.connect('narrow', {
      permissions: ['send:message@support.*', 'read:message@support.*'],
    });
    const room_id = 'support.a';
    for (const [type, data] of [
      ['direct_message', { target_id: 'victim', content: 'spam', room_id }],
      ['inbox', { room_id }],
      ['list_rooms', { room_id }],
    ] as const) {
      expect([type, (await client.request(type, data)).data['code']]).toEqual([type, 2001]);
    }
    await gateway.close();
  });
});
