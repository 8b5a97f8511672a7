import type { HubbubClient, OutboxStore, PageLike } from './index.js';
import { closeAll, newClient, reached, startServer, until } from './testing/harness.js';
import type { HostileServer } from './testing/hostile-server.js';
import { ManualClock } from './testing/manual-clock.js';

/** A page whose events come as the test wills. */
class FakePage extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  listeners = 0;

  constructor() {
    super();
    for (const target of [this, this.document]) {
      const listen = target.addEventListener.bind(target);
      const forget = target.removeEventListener.bind(target);
      Object.assign(target, {
        addEventListener: (...args: Parameters<typeof listen>) => {
          this.listeners++;
          listen(...args);
        },
        removeEventListener: (...args: Parameters<typeof forget>) => {
          this.listeners--;
          forget(...args);
        },
      });
    }
  }

  show(visibilityState: 'visible' | 'hidden'): void {
    this.document.visibilityState = visibilityState;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }

  tell(type: string, persisted?: boolean): void {
    this.dispatchEvent(Object.assign(new Event(type), { persisted }));
  }
}

let clock: ManualClock;
let server: HostileServer;
let page: FakePage;
let client: HubbubClient;

beforeEach(async () => {
  clock = new ManualClock();
  server = await startServer();
  page = new FakePage();
  client = newClient(server, {
    clock,
    page: page as PageLike,
    random: () => 1,
    backoff: { baseMs: 60_000, maxMs: 60_000 },
  });
  await client.connect();
});
afterEach(closeAll);

const pings = () =>
  [...server.peers].flatMap(({ received }) => received).filter((frame) => frame.message_type === 'ping');

async function lose(): Promise<void> {
  const offline = reached(client, 'offline');
  server.kill();
  await offline;
}

describe('a page', () => {
  it.each([
    ['is seen again', () => page.show('visible')],
    ['is let run on by its browser', () => page.document.dispatchEvent(new Event('resume'))],
    ['has its network back', () => page.tell('online')],
  ])('that %s connects at once', async (_, happen) => {
    await lose();
    page.show('hidden');
    expect(server.connections).toBe(1);
    const open = reached(client, 'open');
    happen();
    await open;
    expect(server.connections).toBe(2);
  });

  it('that is seen again finds out at once whether its connection is still there', async () => {
    page.show('hidden');
    page.show('visible');
    await until(() => pings().length === 1);
    // The answer to a later command shows that the pong has come too.
    await client.command('roll', {});
    clock.advance(5000);
    expect(client.state).toBe('open');

    server.intercept = () => 'lost';
    page.show('visible');
    await until(() => pings().length === 2);
    clock.advance(4999);
    expect(client.state).toBe('open');
    clock.advance(1);
    expect(client.state).toBe('offline');
  });

  it('whose network goes finds out at once', async () => {
    server.intercept = () => 'lost';
    page.tell('offline');
    await until(() => pings().length === 1);
    clock.advance(5000);
    expect(client.state).toBe('offline');
  });

  it('that is put aside has no connection until it is shown again', async () => {
    const room = await client.join('lobby');
    const seen: unknown[] = [];
    room.on('room_message', ({ content }) => seen.push(content));
    page.tell('pagehide', true);
    expect(client.state).toBe('offline');
    await until(() => server.peers.size === 0);
    clock.advance(10 * 60_000);
    page.tell('pagehide', true);
    client.retryNow();
    expect([client.state, server.connections]).toEqual(['offline', 1]);
    server.post('lobby', 'meanwhile');
    const sent = room.send('written before it was put aside');
    const open = reached(client, 'open');
    page.tell('pageshow', true);
    await Promise.all([open, sent]);
    expect(seen).toEqual(['meanwhile', 'written before it was put aside']);
  });

  it('that is put aside while a message is being kept lets go of what it keeps before it takes it up again', async () => {
    const calls: string[] = [];
    let written = () => {};
    const outbox: OutboxStore = {
      take: async () => {
        calls.push('take');
        return [];
      },
      write: () => {
        calls.push('write');
        return new Promise((resolve) => (written = resolve));
      },
      close: async () => void calls.push('close'),
    };
    const other = newClient(server, { clock, page: page as PageLike, outbox, userId: 'alice' });
    await other.outbox.written();
    other.sendDirect('bob', 'a').catch(() => {});
    await until(() => calls.length === 2);
    page.tell('pagehide', true);
    page.tell('pageshow', true);
    await new Promise((resolve) => setImmediate(resolve));
    written();
    await other.outbox.written();
    expect(calls).toEqual(['take', 'write', 'close', 'take']);
  });

  it('that goes for good, or is shown for the first time, is no matter', async () => {
    page.tell('pagehide', false);
    page.tell('pageshow', false);
    await client.command('ping', {});
    expect([client.state, pings().length]).toEqual(['open', 1]);
  });

  it('is left alone by a client that has ended, and before it was begun', async () => {
    expect(page.listeners).toBe(6);
    client.close();
    expect(page.listeners).toBe(0);
    const other = newClient(server, { clock, page: page as PageLike });
    page.show('visible');
    page.tell('pagehide', true);
    page.tell('pageshow', true);
    expect([other.state, server.connections]).toEqual(['idle', 1]);
  });
});
