import type { HubbubClient } from './index.js';
import { closeAll, newClient, startServer, until } from './testing/harness.js';
import type { HostileServer } from './testing/hostile-server.js';
import { ManualClock } from './testing/manual-clock.js';

const MINUTE = 60_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** The gateway's clock, which is not the device's. */
const SERVER_NOW = 1_700_000_000_000;

let clock: ManualClock;
let server: HostileServer;
let asked: string[];

beforeEach(async () => {
  clock = new ManualClock();
  server = await startServer();
  server.userOf = () => 'alice';
  server.now = SERVER_NOW;
  // A clock that is moved leaves no time for answers.
  server.heartbeatMs = Number.MAX_SAFE_INTEGER;
  asked = [];
});
afterEach(closeAll);

async function connect(token: () => string | Promise<string> = () => `t${asked.length}`): Promise<HubbubClient> {
  const client = newClient(server, {
    clock,
    token: (reason) => {
      asked.push(reason);
      return token();
    },
  });
  await client.connect();
  return client;
}

const tokens = () =>
  [...server.peers].flatMap(({ received }) =>
    received.filter(({ message_type }) => message_type === 'authenticate').map(({ data }) => data.token),
  );

describe('a token that expires', () => {
  it('is replaced before, by the gateway’s clock, also where the gateway does not say so, again and again', async () => {
    server.expiresAt = SERVER_NOW + 15 * MINUTE;
    const client = await connect();
    clock.advance(15 * MINUTE - 50_001);
    expect(asked).toEqual(['connect']);
    server.expiresAt += 15 * MINUTE;
    clock.advance(1);
    expect(asked).toEqual(['connect', 'expiring']);
    await until(() => tokens().length === 1);
    await client.command('ping', {});
    clock.advance(15 * MINUTE - 1);
    expect(asked).toHaveLength(2);
    clock.advance(1);
    await until(() => tokens().length === 2);
    expect(tokens()).toEqual(['t2', 't3']);
  });

  it('is replaced once where the gateway says so too', async () => {
    server.expiresAt = SERVER_NOW + 15 * MINUTE;
    const client = await connect();
    server.pushAll('token_expiring', { expires_at: server.expiresAt });
    server.expiresAt += 15 * MINUTE;
    await until(() => tokens().length === 1);
    await client.command('ping', {});
    clock.advance(15 * MINUTE);
    expect(asked).toEqual(['connect', 'expiring']);
  });

  it('is asked for again when none can be had, and not once it has expired', async () => {
    server.expiresAt = SERVER_NOW + MINUTE;
    let isAway = false;
    const client = await connect(() => {
      if (isAway) throw new Error('the account service is away');
      return 't';
    });
    isAway = true;
    const errors: string[] = [];
    client.on('error', ({ message }) => errors.push(message));
    for (const ms of [30_000, 10_000, 10_000, 10_000, MINUTE]) {
      clock.advance(ms);
      await turn();
    }
    expect([asked.length, errors]).toEqual([4, Array(3).fill('The token could not be renewed.')]);
  });

  it('years from now is not asked for at once', async () => {
    server.expiresAt = SERVER_NOW + 60 * 24 * 60 * MINUTE;
    await connect();
    clock.advance(59 * 24 * 60 * MINUTE);
    expect(asked).toEqual(['connect']);
    clock.advance(24 * 60 * MINUTE);
    expect(asked).toEqual(['connect', 'expiring']);
  });
});
