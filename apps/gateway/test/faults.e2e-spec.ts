import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database, type SqliteDatabase } from '@hubbub/hubbub';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import BetterSqlite3 from 'better-sqlite3';

/** What goes wrong below: the sender is told, nobody gets what was not stored, and nothing needs a restart. */
describe('storage faults', () => {
  let gateway: TestGateway;
  let alice: TestClient;
  let bob: TestClient;
  const room_id = 'faults';

  beforeEach(async () => {
    gateway = await startGateway({ log: { level: 'fatal' } });
    [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
    await alice.command('create_room', { room_id });
    for (const client of [alice, bob]) await client.command('join_room', { room_id });
  });
  afterEach(() => gateway.close());

  const post = (content: unknown) => alice.request('room_message', { room_id, content });

  it('a database locked by another process: 1003 retryable, nothing delivered, then on as before', async () => {
    expect((await post('before')).data).toMatchObject({ seq: 1 });
    const other = new BetterSqlite3(join(gateway.dataDir, 'hubbub.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const refused = post('refused');
    // The event loop is not blocked by the lock: others are served meanwhile.
    await bob.command('ping');
    expect((await refused).data).toMatchObject({ code: 1003, retryable: true });
    expect((await gateway.fetch('GET', '/health/live')).status).toBe(200);
    other.exec('ROLLBACK');
    other.close();
    expect((await post('after')).data).toMatchObject({ seq: 2 });
    await bob.until(() => bob.pushes('room_message').length === 2);
    expect(bob.pushes('room_message').map((push) => push.content)).toEqual(['before', 'after']);
  });

  it('a lock that is short is waited for', async () => {
    const other = new BetterSqlite3(join(gateway.dataDir, 'hubbub.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const waiting = post('patient');
    await bob.command('ping');
    other.exec('ROLLBACK');
    other.close();
    expect((await waiting).data).toMatchObject({ seq: 1 });
  });

  it('a full disk: 1003 retryable, nothing delivered, and service as soon as there is room', async () => {
    const database = gateway.app.get<SqliteDatabase>(Database);
    const pages = database.sqlite().pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${pages + 8}`);
    const large = { pad: 'x'.repeat(16_384) };
    let stored = 0;
    let answer = await post({ n: stored, ...large });
    while (answer.message_type === 'room_message_sent') answer = await post({ n: ++stored, ...large });
    expect(answer.data).toMatchObject({ code: 1003, retryable: true });
    database.pragma('max_page_count = 1000000');
    expect((await post('room again')).data).toMatchObject({ seq: stored + 1 });
    await bob.until(() => bob.pushes('room_message').length === stored + 1);
    expect(bob.pushes('room_message').map((push) => push.seq)).toEqual(
      Array.from({ length: stored + 1 }, (_, n) => n + 1),
    );
  });

  it('readiness says so while the database is away, and liveness does not', async () => {
    gateway.app.get<SqliteDatabase>(Database).sqlite().close();
    expect((await gateway.fetch('GET', '/health/ready')).status).toBe(503);
    expect((await gateway.fetch('GET', '/health/live')).status).toBe(200);
    expect((await post('lost')).data).toMatchObject({ code: 1003 });
  });
});

describe('SEEDS 5: everything a connection leaves behind is freed', () => {
  it('a room of two is used by two hundred, one pair after the other, however they leave', async () => {
    const gateway = await startGateway({ presence: { graceMs: 1 } });
    const owner = await gateway.connect('owner');
    await owner.command('create_room', { room_id: 'two', max_clients: 2 });
    await owner.close();
    for (let n = 0; n < 100; n++) {
      const pair = await Promise.all([gateway.connect(`l-${n}`), gateway.connect(`r-${n}`)]);
      for (const client of pair) {
        let answer = await client.request('join_room', { room_id: 'two' });
        // A seat of somebody who vanished is kept for the grace.
        while (answer.data['code'] === 3002) answer = await client.request('join_room', { room_id: 'two' });
        expect(answer.message_type).toBe('room_joined');
      }
      await pair[0]?.close();
      await pair[1]?.vanish();
    }
    await gateway.close();
  });
});

describe('SEEDS 12: drain', () => {
  it('tells clients to come back, closes with 1012, and loses no message that was acknowledged', async () => {
    const gateway = await startGateway({ drain: { timeoutMs: 5000 } });
    const clients = await Promise.all(Array.from({ length: 20 }, (_, n) => gateway.connect(`drained-${n}`)));
    await clients[0]?.command('create_room', { room_id: 'drain' });
    for (const client of clients) await client.command('join_room', { room_id: 'drain' });
    const sent = clients.map((client, n) =>
      client.command('room_message', { room_id: 'drain', content: n }).then(
        ({ seq }) => seq,
        () => null,
      ),
    );
    const closing = gateway.app.close();
    for (const client of clients) {
      expect(await client.next('draining')).toEqual({ reconnect_after_ms: expect.any(Number) });
      expect(await client.closed).toMatchObject({ code: 1012 });
    }
    await closing;
    const acknowledged = (await Promise.all(sent)).filter((seq) => seq !== null);
    const again = await startGateway({ dataDir: gateway.dataDir });
    const { body } = await again.fetch('GET', '/api/rooms/drain/messages?limit=200', { token: again.token('reader') });
    const stored = (body as { messages: { seq: number }[] }).messages.map((message) => message.seq);
    for (const seq of acknowledged) expect(stored).toContain(seq);
    await again.close();
    await gateway.close();
  });
});

describe('SEEDS 11: secrets', () => {
  it.each([
    'short',
    'secret'.repeat(10),
    'your-256-bit-secret-your-256-bit-secret',
    'changeme-changeme-changeme-changeme',
  ])('%j is not taken as a secret', async (secret) => {
    await expect(startGateway({ auth: { secret } })).rejects.toThrow(/auth\.secret/);
  });

  it('passwords are kept as argon2id', async () => {
    const gateway = await startGateway();
    await gateway.fetch('POST', '/api/auth/register', { body: { username: 'hashed', password: 'plain to see' } });
    const row = gateway.app.get<SqliteDatabase>(Database).sqlite().prepare('SELECT * FROM account').get();
    expect(JSON.stringify(row)).toContain('$argon2id$');
    await gateway.close();
    expect(JSON.stringify(row)).not.toContain('plain to see');
  });

  it('the example configuration holds none', () => {
    expect(readFileSync('config/hubbub.example.yaml', 'utf8')).not.toMatch(/^\s*secret: *\S{8,}/m);
  });
});
