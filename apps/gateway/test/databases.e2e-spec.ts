import { type DatabaseServerProcess, describeWithOwnServer } from '@hubbub/storage/testing';
import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';

/** A gateway on a database server: the same answers as on SQLite, and none that is wrong while the server is away. */
describeWithOwnServer('a gateway on a database server', (start, type) => {
  let server: DatabaseServerProcess;
  let gateway: TestGateway;
  let alice: TestClient;
  let bob: TestClient;

  beforeAll(async () => {
    server = await start();
    gateway = await startGateway({ database: { type, url: server.url }, log: { level: 'fatal' } });
    [alice, bob] = [await gateway.connect('alice'), await gateway.connect('bob')];
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await server.remove();
  });

  const makeRoom = async (room_id: string, options: object = {}): Promise<void> => {
    await alice.command('create_room', { room_id, ...options });
    for (const client of [alice, bob]) await client.command('join_room', { room_id });
  };

  it('keeps accounts', async () => {
    const sign = async (path: string, body: object) =>
      (await gateway.fetch('POST', `/api/auth/${path}`, { body })).body;
    const ann = { username: 'Ann', password: 'correct horse' };
    expect(await sign('register', ann)).toMatchObject({ access_token: expect.any(String) });
    expect(await sign('register', { ...ann, username: 'ANN' })).toMatchObject({ name: 'UsernameTaken' });
    expect(await sign('login', { ...ann, password: 'wrong battery' })).toMatchObject({ name: 'Unauthorized' });
    const { refresh_token } = (await sign('login', ann)) as { refresh_token: string };
    const next = (await sign('refresh', { refresh_token })) as { refresh_token: string };
    expect(await sign('refresh', { refresh_token })).toMatchObject({ name: 'InvalidToken' });
    expect(await sign('refresh', next)).toMatchObject({ name: 'InvalidToken' });
  });

  it('keeps rooms, roles, messages and how far they were read', async () => {
    await makeRoom('whole', { metadata: { topic: 'Äpfel \u{1f34f}' } });
    expect((await alice.request('create_room', { room_id: 'whole' })).data).toMatchObject({ code: 3001 });
    for (const content of ['one', { two: 2.5, é: null }, ['three', '\u0000']]) {
      const request = { room_id: 'whole', content, idempotency_key: `${JSON.stringify(content)}\u0000` };
      const { seq } = await alice.command('room_message', request);
      expect(await alice.command('room_message', request)).toMatchObject({ seq, duplicate: true });
    }
    await bob.until(() => bob.pushes('room_message').length === 3);
    expect(await bob.command('mark_read', { room_id: 'whole', seq: 1 })).toMatchObject({ seq: 1, unread: 2 });
    const eve = await gateway.connect('eve');
    const joined = await eve.command('join_room', { room_id: 'whole', history: 10 });
    expect(joined.room).toMatchObject({ metadata: { topic: 'Äpfel \u{1f34f}' } });
    expect(joined.messages.map(({ content }) => content)).toEqual(['one', { two: 2.5, é: null }, ['three', '\u0000']]);
    await alice.command('set_member', { room_id: 'whole', user_id: 'eve', role: 'banned' });
    expect((await eve.request('join_room', { room_id: 'whole' })).data).toMatchObject({ code: 2001 });
    await alice.command('delete_room', { room_id: 'whole' });
    expect((await alice.request('join_room', { room_id: 'whole' })).data).toMatchObject({ code: 3000 });
  });

  it('keeps direct messages', async () => {
    const sent = await alice.command('direct_message', { target_id: 'bob', content: 'psst' });
    expect(sent).toMatchObject({ delivered: 1 });
    expect(await bob.next('direct_message')).toMatchObject({ sender_id: 'alice', content: 'psst' });
  });

  it('delivers also what was stored while nobody could say so', async () => {
    await makeRoom('frozen');
    const sendInPause = async (): Promise<unknown> => {
      server.pause();
      try {
        return (await alice.request('room_message', { room_id: 'frozen', content: 'perhaps' })).data['code'];
      } finally {
        server.resume();
      }
    };
    // One statement, which the server finds when it goes on; or a transaction, which ends there with its connection.
    const isStored = type === 'postgres';
    // Other work of the node may have had the connection that was open: then nothing was sent, and nothing is stored.
    const mayHaveStayed = (code: unknown): boolean => isStored && code === 1003;
    let code = await sendInPause();
    for (let more = 3; more > 0 && mayHaveStayed(code); more--) code = await sendInPause();
    expect(code).toBe(isStored ? 1004 : 1003);
    const contents = (client: TestClient) =>
      client.pushes('room_message').flatMap((push) => (push.room_id === 'frozen' ? [push.content] : []));
    for (const client of [alice, bob]) await client.until(() => !isStored || contents(client).length === 1);
    while ((await alice.request('room_message', { room_id: 'frozen', content: 'after' })).message_type === 'error');
    await bob.until(() => contents(bob).includes('after'));
    expect(contents(bob)).toEqual([...(isStored ? ['perhaps'] : []), 'after']);
  }, 60_000);

  it('answers 1003 while the server is away, delivers nothing that was not stored, and goes on by itself', async () => {
    await makeRoom('away');
    expect(await alice.command('room_message', { room_id: 'away', content: 'before' })).toMatchObject({ seq: 1 });
    await server.kill();
    // The first may be on its way when the connection breaks: of that nobody knows what became.
    const lost = () => alice.request('room_message', { room_id: 'away', content: 'lost', idempotency_key: 'lost' });
    expect([1003, 1004]).toContain((await lost()).data['code']);
    for (let n = 0; n < 5; n++) expect((await lost()).data).toMatchObject({ code: 1003, retryable: true });
    expect((await alice.request('create_room', { room_id: 'never' })).data).toMatchObject({ code: 1003 });
    expect((await gateway.fetch('GET', '/health/ready')).status).toBe(503);
    expect((await gateway.fetch('GET', '/health/live')).status).toBe(200);
    await server.start();
    expect(await alice.command('room_message', { room_id: 'away', content: 'after' })).toMatchObject({ seq: 2 });
    expect((await gateway.fetch('GET', '/health/ready')).status).toBe(200);
    await bob.until(() => bob.pushes('room_message').some(({ content }) => content === 'after'));
    const contents = bob.pushes('room_message').flatMap((push) => (push.room_id === 'away' ? [push.content] : []));
    expect(contents).toEqual(['before', 'after']);
  }, 60_000);
});
