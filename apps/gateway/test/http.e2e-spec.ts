import { startGateway, virtualClock } from '@hubbub/testing';
import { describeHttp } from './http/http.contract.js';

describeHttp('HTTP', () => startGateway({ limits: { authPerMin: 1000 } }));

describe('an unknown path', () => {
  it('is answered as a JSON error', async () => {
    const gateway = await startGateway();
    const absent = await gateway.fetch('GET', '/api/nothing', { token: gateway.token('alice') });
    expect([absent.status, absent.body]).toEqual([404, expect.objectContaining({ code: 1006, name: 'UnknownType' })]);
    await gateway.close();
  });
});

describe('message_rate of /api/stats', () => {
  it('is that of the last ten seconds', async () => {
    using clock = virtualClock();
    const gateway = await startGateway();
    const alice = await gateway.connect('alice');
    await alice.command('create_room', { room_id: 'busy' });
    await alice.command('join_room', { room_id: 'busy' });
    const token = gateway.token('root', { permissions: ['admin:system'] });
    const rate = async () =>
      (await gateway.fetch<{ message_rate: number }>('GET', '/api/stats', { token })).body.message_rate;
    for (let n = 0; n < 20; n++) await alice.command('room_message', { room_id: 'busy', content: n });
    await clock.advance(1000);
    expect(await rate()).toBe(2);
    await clock.advance(11_000);
    expect(await rate()).toBe(0);
    await gateway.close();
  });
});

describe('metrics.token', () => {
  it('is asked for where it is set', async () => {
    const gateway = await startGateway({ metrics: { token: 'scraper' } });
    expect((await gateway.fetch('GET', '/metrics')).status).toBe(401);
    expect((await gateway.fetch('GET', '/metrics', { token: 'scraper' })).status).toBe(200);
    await gateway.close();
  });
});

describe('HTTP limits', () => {
  it('refuses too many requests, sign-ins and failures with 429 and Retry-After', async () => {
    const gateway = await startGateway({ limits: { httpPerS: 1, httpBurst: 5, authPerMin: 2 } });
    const login = () =>
      gateway.fetch('POST', '/api/auth/login', { body: { username: 'somebody', password: '12345678' } });
    const statuses = [await login(), await login(), await login()].map((answer) => answer.status);
    expect(statuses).toEqual([401, 401, 429]);
    const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.fetch('GET', '/api/rooms')));
    const refused = answers.find((answer) => answer.status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await gateway.fetch('GET', '/health/live')).status).toBe(200);
    await gateway.close();
  });
});
