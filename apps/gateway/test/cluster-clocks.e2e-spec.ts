import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BrokerProcess, describeWithBroker } from '@hubbub/bus/testing';
import { GatewayProcess } from '@hubbub/hubbub/testing';
import { signJwt, TestClient } from '@hubbub/testing';

const SECRET = '0815 hubbub clock tests sign with these 4711';
const MINUTE = 60_000;

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** One database, one broker, and machines whose clocks are two minutes apart: nothing depends on them. */
describeWithBroker('nats', 'nodes whose clocks are wrong', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-clocks-'));
  let broker: BrokerProcess;
  let fast: GatewayProcess;
  let slow: GatewayProcess;

  beforeAll(async () => {
    broker = await BrokerProcess.start('nats');
    [fast, slow] = await Promise.all(
      [MINUTE, -MINUTE].map((shift) => start(shift)) as [Promise<GatewayProcess>, Promise<GatewayProcess>],
    );
  }, 120_000);
  afterAll(async () => {
    for (const node of [fast, slow]) await node.kill();
    await broker.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = (shift: number) =>
    GatewayProcess.start({
      preload: resolve('apps/gateway/test/clocks/shifted-clock.cjs'),
      env: {
        SHIFT_CLOCK_MS: String(shift),
        HUBBUB_DATA_DIR: dataDir,
        HUBBUB_AUTH_SECRET: SECRET,
        HUBBUB_BUS_TYPE: 'nats',
        HUBBUB_BUS_URL: broker.url,
      },
    });
  async function call<Body>(node: GatewayProcess, method: string, path: string, body?: object, token?: string) {
    const response = await fetch(`${node.http}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }
  const nowS = () => Math.floor(Date.now() / 1000);
  const admin = () =>
    signJwt({ user_id: 'root', iss: 'hubbub', permissions: ['admin:system'], iat: nowS(), exp: nowS() + 600 }, SECRET);
  const credentials = (username: string) => ({ username, password: `long enough for ${username}` });
  const register = async (node: GatewayProcess, username: string) =>
    (await call<Tokens>(node, 'POST', '/api/auth/register', credentials(username))).body;
  const login = async (node: GatewayProcess, username: string) =>
    (await call<Tokens>(node, 'POST', '/api/auth/login', credentials(username))).body;
  const open = (node: GatewayProcess, token: string) => TestClient.open(node.ws, { token });

  it.each(['fast', 'slow'])('accept and renew what the other has signed (the %s one)', async (which) => {
    const [signer, other] = which === 'fast' ? [fast, slow] : [slow, fast];
    const tokens = await register(signer, `renew-${which}`);
    const client = await open(other, tokens.access_token);
    const { expires_at } = await client.next('connected');
    expect(Math.abs(expires_at! - Date.now() - 900_000)).toBeLessThan(5000);
    const renewed = await call<Tokens>(other, 'POST', '/api/auth/refresh', { refresh_token: tokens.refresh_token });
    expect(renewed.status).toBe(200);
    await (await open(signer, renewed.body.access_token)).close();
    await client.close();
  });

  it.each(['fast', 'slow'])(
    'refuse everywhere what is revoked at the other, and nothing later (signed at the %s one)',
    async (which) => {
      const [signer, revoker] = which === 'fast' ? [fast, slow] : [slow, fast];
      const username = `revoked-${which}`;
      const { access_token: token } = await register(signer, username);
      const clients = [await open(signer, token), await open(revoker, token)];
      const { body } = await call(revoker, 'DELETE', `/api/users/${username}/sessions`, undefined, admin());
      expect(body).toEqual({ closed: 2, nodes: 2, unconfirmed: [] });
      for (const client of clients) expect((await client.closed).code).toBe(4502);
      for (const node of [signer, revoker]) await expect(open(node, token)).rejects.toMatchObject({ status: 401 });
      for (const node of [signer, revoker]) {
        const { access_token: again } = await login(node, username);
        for (const any of [signer, revoker]) await (await open(any, again)).close();
      }
    },
  );

  it('number, date and know again the messages of a room alike', async () => {
    const [alice, bob] = [
      await open(fast, (await register(fast, 'alice')).access_token),
      await open(slow, (await register(slow, 'bob')).access_token),
    ];
    await alice.command('create_room', { room_id: 'clocks' });
    for (const client of [alice, bob]) await client.command('join_room', { room_id: 'clocks' });
    const message = { room_id: 'clocks', content: 'x', idempotency_key: 'once' };
    const sent = [await alice.command('room_message', message), await bob.command('room_message', message)];
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2]);
    for (const { timestamp } of sent) expect(Math.abs(timestamp - Date.now())).toBeLessThan(5000);
    const elsewhere = await open(slow, (await login(slow, 'alice')).access_token);
    await elsewhere.command('join_room', { room_id: 'clocks' });
    expect(await elsewhere.command('room_message', message)).toMatchObject({ seq: 1, duplicate: true });
    expect(await bob.next('room_message')).toMatchObject({ seq: 1, sender_id: 'alice' });
    for (const client of [alice, bob, elsewhere]) await client.close();
  });

  it('take nobody for dead', async () => {
    const { body } = await call<{ nodes: unknown[] }>(fast, 'GET', '/api/stats', undefined, admin());
    expect(body.nodes).toHaveLength(2);
  });
});
