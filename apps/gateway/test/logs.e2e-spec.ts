import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ConnectOptions, signJwt, TestClient } from '@hubbub/testing';
import BetterSqlite3 from 'better-sqlite3';
import { GatewayProcess } from './logs/gateway-process.js';

const now = () => Math.floor(Date.now() / 1000);

/** What must not be read anywhere, by what it is. */
const secrets = new Map<string, string>();

/** A text that nobody else writes, and that is to stay secret. */
function secret(what: string): string {
  const text = `hush${randomBytes(9).toString('hex')}`;
  secrets.set(text, what);
  return text;
}

/** A token is secret, and so are its claims and its signature. */
function kept(what: string, token: string): string {
  if (token === '') throw new Error(`${what} was not given`);
  secrets.set(token, what);
  for (const part of token.split('.').slice(1)) if (part.length > 10) secrets.set(part, `a part of ${what}`);
  return token;
}

/** Nothing that people say, and nothing that opens a door, is ever written: neither by us nor by what we stand on. */
describe('the log', () => {
  const signingSecret = secret('the signing secret') + randomBytes(16).toString('hex');
  const config = (log: object) => ({
    server: { host: '127.0.0.1', port: 0 },
    auth: { secret: signingSecret, admins: ['root-user'], deadline_ms: 60_000 },
    metrics: { token: metricsToken },
    limits: { malformed_frames: 1000, auth_per_min: 1000 },
    log,
  });
  const metricsToken = secret('the token of the metrics');
  let gateway: GatewayProcess;

  const post = async (path: string, body: unknown, token?: string, method = 'POST') => {
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    if (body !== undefined) headers.set('content-type', 'application/json');
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${gateway.http}${path}`, { method, headers, body: text ?? null });
    return { status: response.status, body: (await response.json().catch(() => null)) as Record<string, string> };
  };
  const open = async (options: ConnectOptions = {}, query = '') => {
    const client = await TestClient.open(gateway.ws + query, options);
    await client.until(() => client.frames.length > 0 || client.ending !== undefined);
    return client;
  };
  const refused = async (options: ConnectOptions, query = '') => {
    const refusal = await open(options, query).then(() => 'let in', String);
    expect(refusal).toMatch(/answered 4/);
  };
  const claims = (more: object) => ({ user_id: 'eve', iss: 'hubbub', iat: now(), exp: now() + 600, ...more });
  const lines = () => gateway.output.split('\n').filter((line) => line !== '');

  beforeAll(async () => {
    gateway = await GatewayProcess.start('apps/gateway/test/logs/main.ts', config({ level: 'debug', format: 'json' }));
  }, 60_000);
  afterAll(() => gateway.remove());

  it('is one JSON object a line, and follows a change of its level without a restart', async () => {
    const level = (name: string) => lines().filter((line) => line.includes(`"level":"${name}"`)).length;
    await refused({ token: 'broken' });
    await gateway.writes(/upgrade refused/);
    expect(lines().map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ level: 'debug', context: 'Upgrades', msg: 'upgrade refused', status: 401 }),
    );
    await gateway.reload(config({ level: 'info', format: 'json' }));
    const before = level('debug');
    await refused({ token: 'broken' });
    // Written after it: that it is here means that the refusal was not.
    const from = gateway.output.length;
    expect((await post('/explode', {})).status).toBe(500);
    await gateway.writes(/request failed/, from);
    expect(level('debug')).toBe(before);
    const reloaded = lines().filter((line) => line.includes('configuration reloaded'));
    expect(JSON.parse(reloaded.at(-1) ?? '')).toMatchObject({ level: 'info', changed: ['log.level'] });
  });

  it.each(['json', 'pretty'])(
    'as %s, at its most talkative, has no password, token or message in it',
    async (format) => {
      await gateway.reload(config({ level: 'trace', format }));
      const from = gateway.output.length;
      const tokens = await signIns(format);
      await attempts(tokens);
      await conversation(tokens);
      await nonsense(tokens);
      await gateway.writes(/unhandled rejection/, from);
      const written = gateway.output.slice(from);
      // What it does say, or there would be nothing to find a secret in.
      for (const msg of ['upgrade refused', 'command failed', 'request failed', 'hook failed'])
        expect(written).toContain(msg);
      expect(found()).toEqual([]);
    },
  );

  it('nor when the database fails in a way that nobody foresaw', async () => {
    await gateway.reload(config({ level: 'debug', format: 'json' }));
    const password = secret('a password');
    const { body: account } = await post('/api/auth/register', { username: 'last-user', password });
    const client = await open({ token: kept('an access token', account['access_token'] ?? '') });
    await client.command('create_room', { room_id: 'last' });
    await client.command('join_room', { room_id: 'last' });

    const from = gateway.output.length;
    const sqlite = new BetterSqlite3(join(gateway.dataDir, 'hubbub.sqlite'));
    sqlite.pragma('foreign_keys = OFF');
    for (const table of [
      'room_message',
      'inbox_message',
      'message_log',
      'room',
      'room_member',
      'refresh_token',
      'account',
    ]) {
      sqlite.exec(`DROP TABLE "${table}"`);
    }
    sqlite.close();
    const content = { content: secret('a message') };
    const metadata = { metadata: { note: secret('metadata of a room') }, name: secret('the name of a room') };
    const answers = [
      await client.request('room_message', { room_id: 'last', ...content, idempotency_key: secret('a key') }),
      await client.request('direct_message', { target_id: 'last-user', ...content }),
      await client.request('create_room', metadata),
      await client.request('update_room', { room_id: 'last', ...metadata }),
      await client.request('inbox', {}),
    ];
    expect(answers.map((answer) => answer.message_type)).toEqual(answers.map(() => 'error'));
    const refresh_token = kept('a refresh token', account['refresh_token'] ?? '');
    const posts = [
      await post('/api/auth/register', { username: 'too-late', password }),
      await post('/api/auth/login', { username: 'last-user', password }),
      await post('/api/auth/refresh', { refresh_token }),
      await post('/api/auth/logout', { refresh_token }),
      await post('/api/rooms', metadata, account['access_token']),
      await post('/api/rooms/last/messages', content, account['access_token']),
    ];
    expect(posts.filter(({ status }) => status < 500)).toEqual([]);
    expect(JSON.stringify([answers, posts])).not.toMatch(/hush|no such table|SQL/);
    // Each is known to whoever runs the node, also where the client may try again.
    for (const msg of ['command failed', 'request failed', 'messages not stored']) {
      await gateway.writes(new RegExp(`"${msg}".*no such table`), from);
    }
    expect(found()).toEqual([]);
  });

  it('nor at the end', async () => {
    expect(await gateway.stop()).toBe(0);
    expect(gateway.output).toContain('drained');
    expect(found()).toEqual([]);
  });

  /** Registers, signs in, refreshes and fails to. */
  async function signIns(format: string): Promise<{ alice: string; bob: string; root: string; refresh: string }> {
    const signIn = async (username: string) => {
      const password = secret('a password');
      const registered = await post('/api/auth/register', { username, password });
      const { body } = await post('/api/auth/login', { username, password });
      for (const answer of [registered.body, body]) {
        kept('an access token', answer['access_token'] ?? '');
        kept('a refresh token', answer['refresh_token'] ?? '');
      }
      expect([registered.status, typeof body['access_token']]).toEqual([201, 'string']);
      await post('/api/auth/register', { username, password });
      return body;
    };
    const wrong = secret('a wrong password');
    const alice = await signIn(`alice-${format}`);
    const refreshed = await post('/api/auth/refresh', { refresh_token: alice['refresh_token'] });
    kept('an access token', refreshed.body['access_token'] ?? '');
    kept('a refresh token', refreshed.body['refresh_token'] ?? '');
    for (const body of [
      { username: `alice-${format}`, password: wrong },
      { username: wrong, password: wrong },
      { username: `alice-${format}`, password: { password: wrong } },
      { username: `alice-${format}`, password: wrong.repeat(40) },
      { username: `alice-${format}`, Password: wrong, token: wrong },
      `{"username":"alice","password":"${wrong}"`,
      `password=${wrong}`,
    ]) {
      for (const path of ['login', 'register', 'refresh', 'logout']) await post(`/api/auth/${path}`, body);
    }
    await post(`/api/auth/login?password=${wrong}`, {});
    await post('/api/auth/refresh', {
      refresh_token: kept('a refresh token', `${secret('a refresh token')}.${secret('a refresh token')}`),
    });
    const root = format === 'json' ? await signIn('root-user') : { access_token: '' };
    const admin = kept('a token', signJwt(claims({ permissions: ['admin:system'], jti: format }), signingSecret));
    return {
      alice: alice['access_token'] ?? '',
      bob: (await signIn(`bob-${format}`))['access_token'] ?? '',
      root: root['access_token'] || admin,
      refresh: refreshed.body['refresh_token'] ?? '',
    };
  }

  /** Tokens in every place where one can be given, good and bad. */
  async function attempts({ alice, root }: { alice: string; root: string }): Promise<void> {
    const sign = (what: string, more: object, by = signingSecret) => kept(what, signJwt(claims(more), by));
    const jti = secret('the id of a token');
    const revoked = sign('a revoked token', { jti });
    expect((await post(`/api/tokens/${jti}`, undefined, root, 'DELETE')).status).toBe(200);
    const bad = [
      sign('an expired token', { exp: now() - 10 }),
      sign('a token of somebody else', {}, 'another secret of forty characters or so'),
      sign('a token without a user', { user_id: undefined }),
      revoked,
      secret('no token'),
    ];
    const stranger = await open();
    for (const token of bad) {
      await refused({ token });
      await refused({}, `?token=${token}`);
      await refused({ protocols: ['hubbub.v1', `bearer.${token}`] });
      await refused({ protocols: [`bearer.${token}`] });
      await stranger.request('authenticate', { token });
      await stranger.request('authenticate', { token: { token }, Token: token });
      await post('/api/rooms', {}, token);
      await post(`/api/rooms?token=${token}`, {});
      await post(`/nowhere/${token}?access_token=${token}`, { token });
      await post('/metrics', undefined, token, 'GET');
    }
    await stranger.command('authenticate', { token: alice });
    const clients = [
      await open({ token: alice }),
      await open({}, `?token=${alice}`),
      await open({ protocols: ['hubbub.v1', `bearer.${alice}`] }),
      await open({ headers: { cookie: `session=${secret('a cookie')}` }, token: alice }),
    ];
    await post('/metrics', undefined, metricsToken, 'GET');
    for (const client of [stranger, ...clients]) await client.close();
  }

  /** Everything that people say to each other, in a room, in private and by post. */
  async function conversation({ alice, bob, root }: { alice: string; bob: string; root: string }): Promise<void> {
    const [ann, ben] = [await open({ token: alice }), await open({ token: bob })];
    const room_id = `room-${String(ann.frames[0]?.data['connection_id'])}`;
    await ann.command('create_room', { room_id, name: secret('a name'), metadata: { note: secret('metadata') } });
    for (const client of [ann, ben]) await client.command('join_room', { room_id });
    const words = secret('a message');
    await ann.command('room_message', { room_id, content: words, idempotency_key: secret('a key') });
    await ann.command('room_message', { room_id, content: { text: words, [words]: [words] }, ephemeral: true });
    await ann.command('direct_message', { target_id: String(ben.frames[0]?.data['user_id']), content: words });
    await ann.command('set_presence', { room_id, state: { mood: secret('a presence state') } });
    await ann.command('room_history', { room_id });
    await post(`/api/rooms/${room_id}/messages`, { content: secret('a message by post') }, bob);
    await post(`/api/rooms/${room_id}/messages`, { content: secret('a message by post'), ephemeral: 'x' }, bob);
    await post('/api/broadcast', { message: secret('a broadcast') }, root);
    await ann.command('kick_member', {
      room_id,
      user_id: String(ben.frames[0]?.data['user_id']),
      reason: secret('a reason'),
    });
    await ben.request('room_message', { room_id, content: words });
    for (const client of [ann, ben]) await client.vanish();
  }

  /** Frames that are none, handlers that throw. */
  async function nonsense({ alice, refresh }: { alice: string; refresh: string }): Promise<void> {
    const client = await open({ token: alice });
    const words = secret('a bad frame');
    for (const frame of [
      words,
      `{"message_type":"ping","data":"${words}`,
      `["${words}"]`,
      `{"message_type":"${words} "}`,
      `{"message_type":"${words}","data":{"content":"${words}"}}`,
      `{"message_type":"join_room","message_id":"${words.repeat(9)}","data":{"room_id":"${words}"}}`,
      `{"message_type":"join_room","data":{"room_id":{"${words}":"${words}"}}}`,
      Buffer.from(`{"message_type":"room_message","data":{"room_id":"nowhere","content":"${words}"}}`),
      Buffer.concat([Buffer.from(words), Buffer.from([0xff, 0xfe])]),
    ]) {
      client.sendFrame(frame);
    }
    await client.request('explode', { content: words, token: words, password: words });
    await client.request('forget', { content: words });
    await post('/explode', { password: words, token: words, content: words });
    await post('/api/auth/logout', { refresh_token: refresh });
    client.sendFrame(words.repeat(5000));
    await client.closed;
  }

  /** The secrets that were written. */
  function found(): string[] {
    const leaks = [...secrets].filter(([text]) => gateway.output.includes(text));
    return leaks.map(([text, what]) => `${what}: ${lineOf(text).replaceAll(text, '<here>').slice(0, 500)}`);
  }

  function lineOf(text: string): string {
    return lines().find((line) => line.includes(text)) ?? '';
  }
});
