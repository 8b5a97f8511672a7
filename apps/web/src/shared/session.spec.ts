import { startGateway, type TestGateway } from '@hubbub/testing';
import { Api } from './api.js';
import { request } from './request.js';
import { Session } from './session.js';
import type { Settings } from './settings.js';

/** Sign-ins against a whole gateway. Sessions of one test are tabs of one browser: they share what it keeps. */

let gateway: TestGateway;
let settings: Settings;
const { fetch } = globalThis;

beforeAll(async () => {
  gateway = await startGateway({ auth: { accessTtlS: 60 } });
});
afterAll(() => gateway.close());
beforeEach(() => {
  const api = `http://127.0.0.1:${gateway.port}/api`;
  settings = { api, socket: '/ws', registration: true, version: '' };
});
afterEach(() => {
  globalThis.fetch = fetch;
});

let people = 0;
const register = () => Session.register(settings, `Person-${++people}`, 'password-1');

async function tab(): Promise<Session> {
  const session = await Session.restore(settings);
  if (session === null) throw new Error('Nobody is signed in.');
  return session;
}

describe('Session', () => {
  it('is of whoever registered, with what he may do, and is there again after a reload', async () => {
    const session = await register();
    expect([session.userId, session.username]).toEqual([`person-${people}`, `Person-${people}`]);
    expect(session.permissions.value).toContain('create:room');
    expect((await tab()).userId).toBe(session.userId);
    await session.logout();
    expect(await Session.restore(settings)).toBeNull();
  });

  it('tells a wrong password and a taken name by their names', async () => {
    const { username } = await register();
    await expect(Session.login(settings, username, 'wrong')).rejects.toMatchObject({ name: 'Unauthorized' });
    await expect(Session.register(settings, username, 'password-1')).rejects.toMatchObject({ name: 'UsernameTaken' });
    await expect(Session.register(settings, 'x', 'password-1')).rejects.toMatchObject({ name: 'InvalidFormat' });
  });

  it('is renewed by one tab for all: a refresh token that is used twice would end it', async () => {
    const tabs = [await register(), await tab(), await tab()];
    const before = await tabs[0]?.token();
    const tokens = await Promise.all(tabs.map((session) => session.token('refused')));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expect(await tabs[1]?.token('refused')).not.toBe(tokens[0]);
    await expect(new Api(settings, await tab()).get('/rooms')).resolves.toEqual([]);
  });

  it('survives a refresh whose answer was lost, also over a reload', async () => {
    const session = await register();
    globalThis.fetch = async (...request) => {
      await fetch(...request);
      throw new TypeError('the network went away');
    };
    await expect(session.token('refused')).rejects.toMatchObject({ name: 'Disconnected', retryable: true });
    globalThis.fetch = fetch;
    const reloaded = await tab();
    const token = await reloaded.token('refused');
    await expect(reloaded.token('refused')).resolves.not.toBe(token);
  });

  it('ends when the gateway has ended it, and says so once', async () => {
    const session = await register();
    const ends: string[] = [];
    session.onEnd((why) => ends.push(why));
    const other = await Session.login(settings, session.username, 'password-1');
    const token = gateway.token('root', { permissions: ['admin:system'] });
    await request(settings, 'DELETE', `/users/${session.userId}/sessions`, { token });
    await expect(other.token('refused')).rejects.toMatchObject({ name: 'InvalidToken', retryable: false });
    await expect(session.token('refused')).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(session.token()).rejects.toMatchObject({ name: 'InvalidToken' });
    expect(ends).toEqual(['expired']);
    expect(await Session.restore(settings)).toBeNull();
  });

  it('takes a token of another issuer, and refuses what is none', async () => {
    const token = gateway.token('guest');
    const session = await Session.withToken(settings, token);
    expect([session.userId, await session.token()]).toEqual(['guest', token]);
    await session.logout();
    await expect(Session.withToken(settings, 'nonsense')).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(Session.withToken(settings, `${token.slice(0, -4)}AAAA`)).rejects.toMatchObject({
      name: 'InvalidToken',
    });
  });

  it('is told how long to wait where there were too many attempts', async () => {
    await using strict = await startGateway({ limits: { authPerMin: 1 } });
    const there = { ...settings, api: `http://127.0.0.1:${strict.port}/api` };
    await Session.login(there, 'nobody', 'password-1').catch(() => {});
    const error: unknown = await Session.login(there, 'nobody', 'password-1').catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ name: 'RateLimited', retryAfterMs: expect.any(Number) });
  });
});
