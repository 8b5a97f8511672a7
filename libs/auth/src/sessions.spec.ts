import { Bus } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { Database } from '@hubbub/storage';
import { Connections } from '@hubbub/transport';
import { Housekeeping } from './housekeeping.js';
import { RevocationEntity } from './revocation.entity.js';
import type { Revocation } from './revocation-index.js';
import { revocationStore } from './revocation-store.js';
import { Revocations } from './revocations.service.js';
import { signToken } from './sign-token.js';
import { AuthApp } from './testing/auth-app.js';
import { type TokenGrant, TokenService } from './token.service.js';

describe('identity of live connections (PROTOCOL §1, §3, §6)', () => {
  let app: AuthApp;
  const start = async (...args: Parameters<typeof AuthApp.start>): Promise<AuthApp> => {
    app = await AuthApp.start(...args);
    return app;
  };
  afterEach(() => app.close());

  const sign = (grant: Partial<TokenGrant> = {}): string =>
    app.app.get(TokenService).sign({ userId: 'alice', username: 'Alice', permissions: ['read:message'], ...grant })
      .token;
  const refused = (token: string) =>
    app.connect(token).then(
      () => null,
      (error: { status: number; body: object }) => error.body,
    );

  describe('at the upgrade', () => {
    it('is the one of the token', async () => {
      await start();
      const client = await app.connect(sign());
      expect((await client.next('connected')).data).toMatchObject({
        user_id: 'alice',
        authenticated: true,
        anonymous: false,
      });
      await client.close();
    });

    it('is refused with 401 and 2003 or 2002 for a bad or an expired token', async () => {
      await start();
      expect(await refused('nonsense')).toMatchObject({ code: 2003, name: 'InvalidToken' });
      expect(await refused(sign({ ttlS: -1 }))).toMatchObject({ code: 2002, name: 'TokenExpired' });
      expect(await refused(sign({ userId: 'anon:1' }))).toMatchObject({ code: 2003 });
    });

    it('is a new anonymous one each time, where that is allowed', async () => {
      await start({ config: { auth: { anonymous: { enabled: true, permissions: ['read:message'] } } } });
      const [first, second] = await Promise.all([app.connect(), app.connect()]);
      const { data } = await first.next('connected');
      expect(data).toMatchObject({ anonymous: true, authenticated: false, permissions: ['read:message'] });
      expect(data.user_id).toMatch(/^anon:.+/);
      expect((await second.next('connected')).data.user_id).not.toBe(data.user_id);
      await Promise.all([first.close(), second.close()]);
    });
  });

  describe('by authenticate', () => {
    it('is given to a connection without one', async () => {
      await start();
      const client = await app.connect();
      expect((await client.next('connected')).data).toMatchObject({ user_id: null, authenticated: false });
      const { message_type, data } = await client.command('authenticate', { token: sign() });
      expect(message_type).toBe('authenticated');
      expect(data).toMatchObject({
        user_id: 'alice',
        username: 'Alice',
        authenticated: true,
        permissions: ['read:message'],
      });
      expect(app.app.get(Connections).ofUser('alice').size).toBe(1);
      await client.close();
    });

    it('is refreshed by a newer token of the same user, permissions and end included', async () => {
      await start();
      const client = await app.connect(sign({ ttlS: 100 }));
      const { data } = await client.command('authenticate', {
        token: sign({ ttlS: 900, permissions: ['send:message'] }),
      });
      expect(data.permissions).toEqual(['send:message']);
      // Beyond the end of the first token, and into the last minute of the second.
      app.clock.advance(845);
      const warning = await client.next('token_expiring');
      expect(warning.data.expires_at).toBe(data.expires_at);
      expect(client.frames.filter(({ message_type }) => message_type === 'token_expiring')).toHaveLength(1);
      await client.close();
    });

    it('changes nothing when it fails: bad token, expired token, another user, an anonymous connection', async () => {
      await start({ config: { auth: { anonymous: { enabled: true, permissions: [] } } } });
      const code = async (client: Awaited<ReturnType<AuthApp['connect']>>, data: object) =>
        (await client.command('authenticate', data)).data.code;
      const alice = await app.connect(sign());
      expect(await code(alice, { token: 'nonsense' })).toBe(2003);
      expect(await code(alice, { token: sign({ ttlS: -1 }) })).toBe(2002);
      expect(await code(alice, { token: sign({ userId: 'bob' }) })).toBe(2001);
      expect(await code(alice, {})).toBe(1001);
      expect(await code(alice, { token: 7 })).toBe(1001);
      expect(app.app.get(Connections).ofUser('alice').size).toBe(1);
      expect(app.app.get(Connections).ofUser('bob').size).toBe(0);
      const nobody = await app.connect();
      expect(await code(nobody, { token: sign() })).toBe(2001);
      expect((await nobody.command('ping')).message_type).toBe('pong');
      await Promise.all([alice.close(), nobody.close()]);
    });
  });

  describe('at its end', () => {
    it('is warned of 60 s ahead, then closed with 4501', async () => {
      await start();
      const client = await app.connect(sign({ ttlS: 900 }));
      const { data } = await client.next('connected');
      app.clock.advance(840);
      expect((await client.next('token_expiring')).data).toEqual({ expires_at: data.expires_at });
      app.clock.advance(60);
      expect(await client.closed).toMatchObject({ code: 4501 });
    });

    it('is warned of at once when less is left', async () => {
      await start();
      const client = await app.connect(sign({ ttlS: 30 }));
      const frames = [await client.next('connected'), await client.next('token_expiring')];
      expect(client.frames.map(({ message_type }) => message_type)).toEqual(['connected', 'token_expiring']);
      expect(frames[1]?.data.expires_at).toBe(frames[0]?.data.expires_at);
      await client.close();
    });
  });

  describe('revoked', () => {
    const admin = () => sign({ userId: 'root', permissions: ['admin:system'] });
    const revoke = (path: string) => app.request('DELETE', path, { token: admin() });

    it('by user closes all his connections with 4502, ends his sign-ins, and no one else', async () => {
      await start();
      const account = await app.register('alice');
      const clients = await Promise.all([app.connect(account.access_token), app.connect(sign())]);
      const bob = await app.connect(sign({ userId: 'bob' }));
      const { status, body } = await revoke('/api/users/alice/sessions');
      expect([status, body]).toEqual([200, { closed: 2, nodes: 1, unconfirmed: [] }]);
      for (const client of clients) expect(await client.closed).toMatchObject({ code: 4502 });
      expect(await refused(account.access_token)).toMatchObject({ code: 2003 });
      expect((await app.request('GET', '/api/tokens', { token: account.access_token })).status).toBe(404);
      expect((await app.post('/api/auth/refresh', { refresh_token: account.refresh_token })).status).toBe(401);
      expect((await bob.command('ping')).message_type).toBe('pong');
      await bob.close();
    });

    it('by user does not keep him from signing in again, within the same second too', async () => {
      await start();
      await app.register('alice');
      for (let n = 0; n < 3; n++) {
        const { body } = await app.post('/api/auth/login', { username: 'alice', password: 'correct horse' });
        const client = await app.connect(body.access_token);
        expect((await revoke('/api/users/alice/sessions')).body.closed).toBe(1);
        expect(await client.closed).toMatchObject({ code: 4502 });
        expect(await refused(body.access_token)).toMatchObject({ code: 2003 });
      }
    });

    it('by jti closes the connections of that token alone', async () => {
      await start();
      const tokens = app.app.get(TokenService);
      const [first, second] = [sign(), sign()];
      const { tokenId } = await tokens.verify(first);
      const [client, other] = await Promise.all([app.connect(first), app.connect(second)]);
      expect((await revoke(`/api/tokens/${tokenId}`)).body).toEqual({ closed: 1, nodes: 1, unconfirmed: [] });
      expect(await client.closed).toMatchObject({ code: 4502 });
      expect(await refused(first)).toMatchObject({ code: 2003 });
      expect((await other.command('authenticate', { token: first })).data).toMatchObject({ code: 2003 });
      expect((await other.command('ping')).message_type).toBe('pong');
      await other.close();
    });

    it('by user works for every user id there can be', async () => {
      await start();
      for (const userId of ['\u540d'.repeat(128), 'a/b?c#d%e', '../..', ' ']) {
        const client = await app.connect(sign({ userId }));
        expect((await revoke(`/api/users/${encodeURIComponent(userId)}/sessions`)).body.closed).toBe(1);
        expect(await client.closed).toMatchObject({ code: 4502 });
      }
    });

    it('is done on this node, and said to be unconfirmed elsewhere, when the bus is away', async () => {
      await start();
      const token = sign();
      const client = await app.connect(token);
      const rootToken = admin();
      await app.app.get(Bus).close();
      const { status, body } = await app.request('DELETE', '/api/users/alice/sessions', { token: rootToken });
      expect([status, body]).toEqual([200, { closed: 1, nodes: 1, unconfirmed: [] }]);
      expect(await client.closed).toMatchObject({ code: 4502 });
      expect(await refused(token)).toMatchObject({ code: 2003 });
    });

    it('twice, or without a connection, closes nothing', async () => {
      await start();
      expect((await revoke('/api/tokens/unknown')).body.closed).toBe(0);
      expect((await revoke('/api/tokens/unknown')).body.closed).toBe(0);
      expect((await revoke('/api/users/nobody/sessions')).body.closed).toBe(0);
    });

    it('stays so after a restart', async () => {
      await start();
      const token = sign();
      await revoke('/api/users/alice/sessions');
      const second = await AuthApp.start({ dataDir: app.dataDir });
      await expect(second.connect(token)).rejects.toMatchObject({ status: 401, body: { code: 2003 } });
      await second.close();
    });

    it('is enforced on HTTP too, and only admin:system may do it', async () => {
      await start();
      const token = sign({ userId: 'eve', permissions: ['admin:room', 'admin:system@*'] });
      for (const path of ['/api/users/alice/sessions', '/api/tokens/x']) {
        const { status, body } = await app.request('DELETE', path, { token });
        expect([status, body.details]).toEqual([403, { permission: 'admin:system' }]);
        expect((await app.request('DELETE', path)).status).toBe(401);
      }
      const rootToken = admin();
      await revoke('/api/users/root/sessions');
      expect((await app.request('DELETE', '/api/tokens/x', { token: rootToken })).body.code).toBe(2003);
    });

    it('is refused for what can be no id', async () => {
      await start();
      const [long, longer] = ['x'.repeat(129), 'x'.repeat(257)];
      for (const path of ['/api/users/%00/sessions', `/api/users/${long}/sessions`, `/api/tokens/${longer}`]) {
        expect((await revoke(path)).body).toMatchObject({ code: 1001, name: 'InvalidFormat' });
      }
      expect(await app.app.get(Database).read((manager) => manager.count(RevocationEntity))).toBe(0);
    });

    it('elsewhere is learnt from the database when the bus lost it, whatever the clock says there', async () => {
      await start();
      const put = (revocation: Revocation) =>
        app.app.get(Database).transaction((manager) => revocationStore.put(manager, revocation));
      const nowS = Math.floor(app.clock.now() / 1000);
      await put({ kind: 'token', subject: 'other', revokedAtS: nowS, expiresAt: null });
      await app.app.get(Revocations).sync();
      const clients = [
        await app.connect(sign({ issuedAtS: nowS - 7200, ttlS: 9000 })),
        await app.connect(sign({ userId: 'bob' })),
      ];
      // What other nodes store; their control messages never came.
      await put({ kind: 'user', subject: 'alice', revokedAtS: nowS - 3600, expiresAt: null });
      await put({ kind: 'user', subject: 'bob', revokedAtS: nowS + 3600, expiresAt: null });
      await app.app.get(Revocations).sync();
      for (const client of clients) expect(await client.closed).toMatchObject({ code: 4502 });
    });

    it('is forgotten once the tokens have ended by themselves', async () => {
      await start();
      const { refresh_token } = await app.register('alice');
      await app.post('/api/auth/logout', { refresh_token });
      await revoke('/api/tokens/x');
      const stored = () => app.app.get(Database).read((manager) => manager.find(RevocationEntity));
      await app.app.get(Housekeeping).prune();
      expect((await stored()).map(({ kind }) => kind).sort()).toEqual(['session', 'token']);
      app.clock.advance(1000);
      await app.app.get(Housekeeping).prune();
      expect((await stored()).map(({ kind }) => kind)).toEqual(['token']);
    });
  });

  it('is counted by outcome', async () => {
    await start({ config: { auth: { anonymous: { enabled: true, permissions: [] } } } });
    const { refresh_token, access_token } = await app.register('alice');
    const clients = [await app.connect(access_token), await app.connect()];
    await app.post('/api/auth/logout', { refresh_token });
    await Promise.all([refused(access_token), refused('nonsense'), refused(sign({ ttlS: -1 }))]);
    const samples = app.app.get(Metrics).authResults.samples();
    expect(Object.fromEntries(samples.map(({ labels, value }) => [labels['result'], value]))).toEqual({
      registered: 1,
      accepted: 1,
      anonymous: 1,
      revoked: 1,
      invalid: 1,
      expired: 1,
    });
    await Promise.all(clients.map((client) => client.close()));
  });

  it('can be made by a script with the secret of the node', async () => {
    await start();
    const token = signToken(HubbubConfig.from({ dataDir: app.dataDir }), {
      userId: 'root',
      username: 'root',
      permissions: ['admin:system'],
    });
    const client = await app.connect(token);
    expect((await client.next('connected')).data.permissions).toEqual(['admin:system']);
    await client.close();
  });
});
