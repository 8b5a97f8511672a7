import { closeAll, newClient, reached, startServer, until } from './testing/harness.js';
import { ManualClock } from './testing/manual-clock.js';

afterEach(closeAll);

describe('a lost connection', () => {
  it('is followed by the next after a delay with full jitter, which grows while attempts fail', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    server.refuse = () => ({ status: 502 });
    const client = newClient(server, { clock, random: () => 0.5, backoff: { baseMs: 100, maxMs: 300 } });
    void client.connect();
    const delays: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      const { retryInMs = 0 } = await reached(client, 'offline');
      delays.push(retryInMs);
      clock.advance(retryInMs);
    }
    expect(delays).toEqual([50, 100, 150, 150]);
  });

  it('that had lasted begins with small delays again', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    const client = newClient(server, { clock, random: () => 1, backoff: { baseMs: 100, maxMs: 10_000 } });
    await client.connect();
    const delays: unknown[] = [];
    for (const lastedMs of [0, 0, 5000]) {
      clock.advance(lastedMs);
      const offline = reached(client, 'offline');
      server.kill();
      const { retryInMs = 0 } = await offline;
      delays.push(retryInMs);
      const open = reached(client, 'open');
      clock.advance(retryInMs);
      await open;
    }
    expect(delays).toEqual([100, 200, 100]);
  });

  it('waits as long as Retry-After says, and longer by the jitter', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    server.refuse = () => ({ status: 503, headers: { 'Retry-After': '7' } });
    const client = newClient(server, { clock, random: () => 1, backoff: { baseMs: 100, maxMs: 100 } });
    void client.connect();
    expect(await reached(client, 'offline')).toMatchObject({ retryInMs: 7100 });
  });

  it('of a draining node is made up when that node asked for it', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    const client = newClient(server, { clock });
    await client.connect();
    const offline = reached(client, 'offline');
    server.pushAll('draining', { reconnect_after_ms: 3210 });
    server.kill(1012);
    expect(await offline).toMatchObject({ retryInMs: 3210 });
  });

  it('can be made up at once', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    const client = newClient(server, { clock, random: () => 1, backoff: { baseMs: 60_000, maxMs: 60_000 } });
    await client.connect();
    const offline = reached(client, 'offline');
    server.kill();
    await offline;
    const open = reached(client, 'open');
    client.retryNow();
    await open;
    expect(server.connections).toBe(2);
  });

  it.each([4000, 4001, 4002, 1001, 1011])('with close code %i is followed by another', async (code) => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const open = reached(client, 'open');
    server.kill(code);
    await open;
    expect(server.connections).toBe(2);
  });

  it.each([4500, 4501, 4502, 4503, 4504, 1000])('with close code %i is the end', async (code) => {
    const server = await startServer();
    const client = newClient(server);
    await client.connect();
    const closed = reached(client, 'closed');
    server.kill(code);
    expect((await closed).error?.message).toContain(String(code));
    await expect(client.command('ping', {})).rejects.toMatchObject({ name: 'Closed' });
  });
});

describe('a silent connection', () => {
  it('is asked for a sign of life, and given up without one', async () => {
    const clock = new ManualClock();
    const server = await startServer();
    server.heartbeatMs = 25_000;
    const client = newClient(server, { clock, random: () => 1 });
    await client.connect();
    const [peer] = server.peers;
    const pings = () => peer?.received.filter(({ message_type }) => message_type === 'ping').length ?? 0;

    clock.advance(25_000);
    await until(() => pings() === 1);
    // The answer to a later command shows that the pong has come too.
    await client.command('roll', {});
    clock.advance(10_000);
    expect(client.state).toBe('open');

    server.intercept = () => 'lost';
    clock.advance(15_000);
    await until(() => pings() === 2);
    clock.advance(9_999);
    expect(client.state).toBe('open');
    clock.advance(1);
    expect(client.state).toBe('offline');
  });

  it('that never opens is given up', async () => {
    const clock = new ManualClock();
    const client = newClient(await startServer(), { clock, token: () => new Promise(() => {}) });
    void client.connect();
    clock.advance(10_000);
    expect(client.state).toBe('offline');
  });
});

describe('a token', () => {
  it('is asked for before every connection, and before it expires', async () => {
    const server = await startServer();
    server.userOf = () => 'alice';
    const reasons: string[] = [];
    const token = (reason: string) => {
      reasons.push(reason);
      return `t${reasons.length}`;
    };
    const client = newClient(server, { token });
    await client.connect();
    const [peer] = server.peers;
    server.pushAll('token_expiring', { expires_at: 1 });
    await until(() => peer?.received.some(({ message_type }) => message_type === 'authenticate') ?? false);
    expect(peer?.received.at(-1)?.data).toEqual({ token: 't2' });
    const open = reached(client, 'open');
    server.kill();
    await open;
    expect(reasons).toEqual(['connect', 'expiring', 'connect']);
    expect([...server.peers][0]?.token).toBe('t3');
  });

  it('given by hand is that of the next connection', async () => {
    const server = await startServer();
    server.userOf = () => 'alice';
    const client = newClient(server, { token: undefined });
    await client.connect();
    await client.command('authenticate', { token: 'mine' });
    const open = reached(client, 'open');
    server.kill();
    await open;
    expect([...server.peers][0]?.token).toBe('mine');
  });

  const unauthorized = {
    status: 401,
    body: { code: 2002, name: 'TokenExpired', message: 'expired', retryable: false },
  };

  it('that is refused is followed by another where there is one', async () => {
    const server = await startServer();
    server.refuse = (request) =>
      (request.headers['sec-websocket-protocol'] ?? '').includes('bearer.old') ? unauthorized : undefined;
    const client = newClient(server, { token: (reason) => (reason === 'refused' ? 'fresh' : 'old') });
    await client.connect();
    expect([...server.peers][0]?.token).toBe('fresh');
  });

  it('that is refused is the end where there is no other', async () => {
    const server = await startServer();
    server.refuse = () => unauthorized;
    await expect(newClient(server).connect()).rejects.toMatchObject({
      name: 'Closed',
      cause: { name: 'TokenExpired' },
    });
    const same = newClient(server, { token: () => 'always-the-same' });
    await expect(same.connect()).rejects.toMatchObject({ cause: { name: 'InvalidToken' } });
  });

  it('that expired on a live connection is followed by another where there is one', async () => {
    const server = await startServer();
    server.userOf = () => 'alice';
    let count = 0;
    const client = newClient(server, { token: () => `t${++count}` });
    await client.connect();
    const open = reached(client, 'open');
    server.kill(4501);
    await open;
    expect([...server.peers][0]?.token).toBe('t2');
  });

  it('that could not be had at first costs the connection nothing later', async () => {
    // The time limit of the first attempt ran on and ended the connection that the second had made.
    const clock = new ManualClock();
    const server = await startServer();
    let asked = 0;
    const token = () => {
      if (++asked === 1) throw new Error('the account service is away');
      return 'alice';
    };
    const client = newClient(server, { clock, token });
    const open = client.connect();
    await reached(client, 'offline');
    clock.advance(1);
    await open;
    clock.advance(20_000);
    expect(client.state).toBe('open');
  });

  it('that cannot be had for now is asked for again; one that never will ends the client', async () => {
    const server = await startServer();
    let asked = 0;
    const token = () => {
      if (++asked === 1) throw new Error('the account service is away');
      return 'alice';
    };
    await newClient(server, { token }).connect();
    expect(asked).toBe(2);
    const never = newClient(server, {
      token: () => {
        throw Object.assign(new Error('no such account'), { retryable: false });
      },
    });
    await expect(never.connect()).rejects.toMatchObject({ message: expect.stringContaining('no such account') });
  });
});

describe('an address', () => {
  it('that no socket takes, or where no gateway is, ends the client', async () => {
    const server = await startServer();
    server.refuse = () => ({ status: 404 });
    await expect(newClient(server).connect()).rejects.toMatchObject({ name: 'Closed' });
    await expect(newClient(server, { url: 'nonsense' }).connect()).rejects.toMatchObject({ name: 'Closed' });
  });
});
