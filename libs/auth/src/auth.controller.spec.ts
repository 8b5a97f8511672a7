import { generateKeyPairSync } from 'node:crypto';
import { Database } from '@hubbub/storage';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AuthApp } from './testing/auth-app.js';

const PASSWORD = 'correct horse';
const wrong = { username: 'alice', password: 'wrong horse' };
const right = { username: 'alice', password: PASSWORD };

describe('HTTP accounts (PROTOCOL §10)', () => {
  let app: AuthApp;
  const start = async (...args: Parameters<typeof AuthApp.start>): Promise<AuthApp> => {
    app = await AuthApp.start(...args);
    return app;
  };
  afterEach(() => app.close());

  describe('registration', () => {
    it('makes an account whose user id is the name in lower case, and signs in', async () => {
      await start();
      const { status, body } = await app.post('/api/auth/register', { username: 'Alice', password: PASSWORD });
      expect(status).toBe(201);
      expect(body).toEqual({
        user_id: 'alice',
        username: 'Alice',
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in: 900,
      });
      const client = await app.connect(body.access_token);
      expect((await client.next('connected')).data).toMatchObject({
        user_id: 'alice',
        username: 'Alice',
        anonymous: false,
        authenticated: true,
        permissions: ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'],
      });
      await client.close();
    });

    it('takes a name once, without regard to case, also when two ask at once', async () => {
      await start();
      const names = ['alice', 'ALICE', 'Alice', 'aLICE'];
      const answers = await Promise.all(
        names.map((username) => app.post('/api/auth/register', { username, password: PASSWORD })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      const refused = answers.find(({ status }) => status === 409);
      expect(refused?.body).toMatchObject({ code: 2004, name: 'UsernameTaken', retryable: false });
      expect((await app.post('/api/auth/register', { username: 'aliCE', password: PASSWORD })).status).toBe(409);
    });

    it('is refused where the configuration says so', async () => {
      await start({ config: { auth: { registration: false } } });
      const { status, body } = await app.post('/api/auth/register', right);
      expect(status).toBe(403);
      expect(body).toMatchObject({ code: 2001, name: 'Forbidden' });
    });

    it('gives admins admin:system, and everybody what auth.default_permissions says', async () => {
      await start({ config: { auth: { admins: ['Root'], defaultPermissions: ['read:message'] } } });
      const permissions = async (username: string): Promise<string[]> => {
        const client = await app.connect((await app.register(username)).access_token);
        const { data } = await client.next('connected');
        await client.close();
        return data.permissions;
      };
      expect(await permissions('rooT')).toEqual(['read:message', 'admin:system']);
      expect(await permissions('alice')).toEqual(['read:message']);
    });
  });

  describe('sign-in', () => {
    it('takes the name in any case, and gives the name as registered', async () => {
      await start();
      await app.register('Alice');
      const { status, body } = await app.post('/api/auth/login', { username: 'aLICE', password: PASSWORD });
      expect(status).toBe(200);
      expect(body).toMatchObject({ user_id: 'alice', username: 'Alice', expires_in: 900 });
    });

    it('answers a wrong password, a wrong name and an impossible one alike', async () => {
      await start();
      await app.register('alice');
      const answers = [
        await app.post('/api/auth/login', wrong),
        await app.post('/api/auth/login', { username: 'nobody', password: PASSWORD }),
        await app.post('/api/auth/login', { username: 'no body', password: 'x' }),
        await app.post('/api/auth/login', { username: '', password: '' }),
      ];
      for (const { status, body } of answers) {
        expect(status).toBe(401);
        expect(body).toEqual(answers[0]?.body);
      }
      expect(answers[0]?.body).toMatchObject({ code: 2000, name: 'Unauthorized' });
    });

    it('survives a restart', async () => {
      await start();
      await app.register('alice');
      const second = await AuthApp.start({ dataDir: app.dataDir });
      expect((await second.post('/api/auth/login', right)).status).toBe(200);
      await second.close();
    });

    it('is refused as 503 while the database is away, which counts as no failure', async () => {
      await start();
      await app.register('alice');
      await app.app.get(Database).close();
      for (let n = 0; n < 15; n++) {
        const { status, body } = await app.post('/api/auth/login', right, { ip: '198.51.100.1' });
        expect(status).toBe(503);
        expect(body).toMatchObject({ code: 1003, retryable: true });
      }
    });

    it('is no business of a node that has a public key', async () => {
      const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' });
      await start({ config: { auth: { publicKey: pem.toString() } } });
      for (const route of ['register', 'login']) {
        expect((await app.post(`/api/auth/${route}`, right)).status).toBe(403);
      }
    });
  });

  describe('limits', () => {
    it('let as many attempts a minute through from one address as limits.auth_per_min says', async () => {
      await start({ config: { limits: { authPerMin: 5 } } });
      const attempt = (ip: string) => app.post('/api/auth/login', { username: 'nobody', password: 'x' }, { ip });
      const answers = await Promise.all(Array.from({ length: 5 }, () => attempt('198.51.100.1')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
      const refused = await attempt('198.51.100.1');
      expect(refused.status).toBe(429);
      expect(refused.body).toMatchObject({ code: 1005, name: 'RateLimited', retryable: true });
      expect(refused.body.retry_after_ms).toBeLessThanOrEqual(60_000);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await attempt('198.51.100.2')).status).toBe(401);
      app.clock.advance(60);
      expect((await attempt('198.51.100.1')).status).toBe(401);
    });

    it('let 10 failures of an account through, from however many addresses, then refuse the right password too', async () => {
      await start();
      await app.register('alice');
      const statuses = [];
      for (let n = 0; n < 11; n++)
        statuses.push((await app.post('/api/auth/login', wrong, { ip: `198.51.100.${n}` })).status);
      expect(statuses).toEqual([...Array(10).fill(401), 429]);
      expect((await app.post('/api/auth/login', right, { ip: '198.51.100.99' })).status).toBe(429);
      app.clock.advance(15 * 60);
      expect((await app.post('/api/auth/login', right, { ip: '198.51.100.99' })).status).toBe(200);
    });

    it('are the same for names that do not exist', async () => {
      await start();
      for (let n = 0; n < 10; n++) await app.post('/api/auth/login', { ...wrong, username: 'nobody' });
      expect((await app.post('/api/auth/login', { ...wrong, username: 'nobody' })).status).toBe(429);
    });

    it('do not lock the owner out where he signed in or refreshed before, nor of his refresh token', async () => {
      await start();
      const { refresh_token } = await app.register('alice');
      for (let n = 0; n < 11; n++) await app.post('/api/auth/login', wrong, { ip: '198.51.100.1' });
      const refreshed = await app.post('/api/auth/refresh', { refresh_token }, { ip: '203.0.113.5' });
      expect(refreshed.status).toBe(200);
      expect((await app.post('/api/auth/login', right, { ip: '203.0.113.5' })).status).toBe(200);
      expect((await app.post('/api/auth/login', right, { ip: '127.0.0.1' })).status).toBe(200);
      expect((await app.post('/api/auth/login', right, { ip: '198.51.100.1' })).status).toBe(429);
    });

    it('let 10 wrong passwords sent at once through, and no more', async () => {
      await start();
      await app.register('alice');
      const answers = await Promise.all(Array.from({ length: 20 }, () => app.post('/api/auth/login', wrong)));
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    });
  });

  describe('refresh', () => {
    it('gives new tokens for each refresh token once', async () => {
      await start();
      const first = await app.register('Alice');
      const second = await app.post('/api/auth/refresh', { refresh_token: first.refresh_token });
      expect(second.status).toBe(200);
      expect(second.body).toMatchObject({ user_id: 'alice', username: 'Alice', expires_in: 900 });
      expect(second.body.refresh_token).not.toBe(first.refresh_token);
      expect((await app.post('/api/auth/refresh', { refresh_token: second.body.refresh_token })).status).toBe(200);
    });

    it('ends the sign-in when a used token comes again: tokens, connections and all', async () => {
      await start();
      const first = await app.register('alice');
      const elsewhere = (await app.post('/api/auth/login', right)).body;
      const second = (await app.post('/api/auth/refresh', { refresh_token: first.refresh_token })).body;
      const [thief, other] = await Promise.all([app.connect(second.access_token), app.connect(elsewhere.access_token)]);
      const reuse = await app.post('/api/auth/refresh', { refresh_token: first.refresh_token });
      expect(reuse.status).toBe(401);
      expect(reuse.body).toMatchObject({ code: 2003, name: 'InvalidToken' });
      expect(await thief.closed).toMatchObject({ code: 4502 });
      expect((await app.post('/api/auth/refresh', { refresh_token: second.refresh_token })).status).toBe(401);
      await expect(app.connect(first.access_token)).rejects.toMatchObject({ status: 401, body: { code: 2003 } });
      expect((await other.command('ping')).message_type).toBe('pong');
      await other.close();
    });

    it('can be repeated with the same Idempotency-Key when its answer was lost', async () => {
      await start();
      const { refresh_token } = await app.register('alice');
      const refresh = () => app.post('/api/auth/refresh', { refresh_token }, { headers: { 'idempotency-key': 'k1' } });
      const lost = (await refresh()).body;
      const got = await refresh();
      expect(got.status).toBe(200);
      expect((await app.post('/api/auth/refresh', { refresh_token: got.body.refresh_token })).status).toBe(200);
      expect((await app.post('/api/auth/refresh', { refresh_token: lost.refresh_token })).status).toBe(401);
    });

    it('gives the permissions of the configuration of the moment', async () => {
      await start({ config: { auth: { admins: ['alice'] } } });
      const { refresh_token } = await app.register('alice');
      const second = await AuthApp.start({ dataDir: app.dataDir });
      const { body } = await second.post('/api/auth/refresh', { refresh_token });
      const client = await second.connect(body.access_token);
      expect((await client.next('connected')).data.permissions).not.toContain('admin:system');
      await client.close();
      await second.close();
    });
  });

  describe('sign-out', () => {
    it('ends this sign-in and no other, and closes its connections with 4502', async () => {
      await start();
      const here = await app.register('alice');
      const there = (await app.post('/api/auth/login', right)).body;
      const [client, other] = await Promise.all([app.connect(here.access_token), app.connect(there.access_token)]);
      const { status, body } = await app.post('/api/auth/logout', { refresh_token: here.refresh_token });
      expect([status, body]).toEqual([200, { status: 'logged out' }]);
      expect(await client.closed).toMatchObject({ code: 4502 });
      await expect(app.connect(here.access_token)).rejects.toMatchObject({ status: 401, body: { code: 2003 } });
      expect((await app.post('/api/auth/refresh', { refresh_token: here.refresh_token })).status).toBe(401);
      expect((await other.command('ping')).message_type).toBe('pong');
      expect((await app.post('/api/auth/refresh', { refresh_token: there.refresh_token })).status).toBe(200);
      await other.close();
    });

    it('holds after a restart', async () => {
      await start();
      const { access_token, refresh_token } = await app.register('alice');
      await app.post('/api/auth/logout', { refresh_token });
      const second = await AuthApp.start({ dataDir: app.dataDir });
      await expect(second.connect(access_token)).rejects.toMatchObject({ status: 401 });
      await second.close();
    });

    it('is no error where there is nothing to end', async () => {
      await start();
      const { refresh_token } = await app.register('alice');
      await app.post('/api/auth/logout', { refresh_token });
      expect((await app.post('/api/auth/logout', { refresh_token })).status).toBe(200);
    });
  });

  it('logs no password and no token, whatever goes wrong', async () => {
    await start();
    const { access_token, refresh_token } = await app.register('alice');
    await app.post('/api/auth/login', wrong);
    await app.post('/api/auth/register', { ...right, username: '!' });
    await app.post('/api/auth/login', '{"username":"alice","password":"correct horse', {
      headers: { 'content-type': 'application/json' },
    });
    await expect(app.connect(`${access_token}x`)).rejects.toMatchObject({ status: 401 });
    await app.post('/api/auth/refresh', { refresh_token });
    await app.post('/api/auth/refresh', { refresh_token });
    await app.app.get(Database).close();
    await app.post('/api/auth/login', right);
    await app.post('/api/auth/refresh', { refresh_token });
    const log = app.log.join('\n');
    expect(log.length).toBeGreaterThan(0);
    for (const secret of ['horse', refresh_token, access_token, access_token.split('.')[2]])
      expect(log).not.toContain(secret);
  });

  it('is described by OpenAPI from the schemas that validate', async () => {
    await start();
    const document = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
    const register = document.paths['/api/auth/register']?.post;
    expect(register?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: { required: ['username', 'password'], properties: { password: { minLength: 8 } } },
        },
      },
    });
    expect(register?.responses).toMatchObject({
      201: {
        content: {
          'application/json': { schema: { required: expect.arrayContaining(['access_token', 'expires_in']) } },
        },
      },
      409: {},
    });
    expect(document.paths['/api/users/{id}/sessions']?.delete?.security).toEqual([{ bearer: [] }]);
  });
});

describe('HTTP accounts, wrong bodies', () => {
  let app: AuthApp;
  beforeAll(async () => {
    app = await AuthApp.start();
  });
  afterAll(() => app.close());

  it.each([
    ['a short name', { username: 'al', password: PASSWORD }, '/username'],
    ['a name with a space', { username: 'al ice', password: PASSWORD }, '/username'],
    ['a name that looks anonymous', { username: 'anon:1', password: PASSWORD }, '/username'],
    ['a short password', { username: 'alice', password: 'secret7' }, '/password'],
    ['a long password', { username: 'alice', password: 'secret'.repeat(22) }, '/password'],
    ['a number as password', { username: 'alice', password: 12345678 }, '/password'],
    ['no password', { username: 'alice' }, ''],
    ['an array', [], ''],
  ])('refuses %s, and says where without repeating it', async (_, payload, path) => {
    const { status, body } = await app.post('/api/auth/register', payload);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 1001, name: 'InvalidFormat' });
    expect(body.details[0].path).toBe(path);
    expect(JSON.stringify(body)).not.toMatch(/secret|12345678/);
  });

  it.each([
    [{ refresh_token: 'no such token' }, 401],
    [{ refresh_token: 7 }, 400],
    [{}, 400],
  ])('refuses %p as refresh with %i', async (payload, status) => {
    expect((await app.post('/api/auth/refresh', payload)).status).toBe(status);
  });
});
