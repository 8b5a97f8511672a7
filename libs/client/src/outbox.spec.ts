import { IDBFactory } from 'fake-indexeddb';
import type { CommandError, HubbubClient, KeptMessage, OutboxEvent } from './index.js';
import type { Factory } from './indexed-db.js';
import { indexedDbOutbox } from './indexed-db-outbox.js';
import { idOf, type OutboxStore } from './outbox-store.js';
import { FakeLocks } from './testing/fake-locks.js';
import { closeAll, newClient, next, reached, startServer, until } from './testing/harness.js';
import { CALM, error, type HostileServer } from './testing/hostile-server.js';
import { ManualClock } from './testing/manual-clock.js';
import { type MemoryGround, memoryOutbox } from './testing/memory-outbox.js';
import { keptMessage } from './testing/outbox-store.contract.js';

const HOUR = 60 * 60 * 1000;

let server: HostileServer;
let ground: MemoryGround;

beforeEach(async () => {
  server = await startServer();
  ground = new Map();
});
afterEach(closeAll);

const lay = (...messages: KeptMessage[]) => {
  for (const message of messages) ground.set(idOf(message), message);
};
const withStore = () => ({ outbox: memoryOutbox(ground) });
const contents = (roomId = 'lobby') => server.log(roomId).map(({ content }) => content);
const states = (client: HubbubClient) => client.outbox.entries().map(({ content, state }) => [content, state]);

/** What became of messages, by content. */
function record(client: HubbubClient): string[] {
  const events: string[] = [];
  client.on('outbox', ({ event, entry }) => events.push(`${String(entry.content)} ${event}`));
  return events;
}

/** A store that does what the other does only when it is let. */
function gated(inner: OutboxStore): OutboxStore & { open(): void } {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  return {
    open,
    take: async (userId, more) => gate.then(() => inner.take(userId, more)),
    write: async (put, remove) => gate.then(() => inner.write(put, remove)),
    close: () => inner.close(),
  };
}

describe('the outbox', () => {
  it.each([
    ['without a store', () => ({})],
    ['with one', withStore],
  ])('tells of each message from its first moment to the last (%s)', async (_, options) => {
    const client = newClient(server, options());
    await client.connect();
    const room = await client.join('lobby');
    const events: OutboxEvent[] = [];
    client.on('outbox', (event) => events.push(event));
    const reply = await room.send('a', { idempotencyKey: 'k' });
    expect(events.map(({ event }) => event)).toEqual(['kept', 'sent', 'stored']);
    expect(events[0]?.entry).toMatchObject({ key: 'k', type: 'room_message', target: 'lobby', content: 'a' });
    expect(events.map(({ entry }) => entry.state)).toEqual(['waiting', 'sent', 'sent']);
    expect(events[2]).toMatchObject({ reply });
    expect(client.outbox.entries()).toEqual([]);
    await until(() => ground.size === 0);
  });

  it('has what waits, in the order of sending, until it is answered', async () => {
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    server.chaos = { ...CALM, drop: 1 };
    const sends = [room.send('a'), client.sendDirect('bob', 'b')];
    server.kill();
    await reached(client, 'offline');
    sends.push(room.send('c'));
    expect(states(client)).toEqual([
      ['a', 'sent'],
      ['b', 'sent'],
      ['c', 'waiting'],
    ]);
    server.chaos = CALM;
    await Promise.all(sends);
    expect(states(client)).toEqual([]);
  });

  it('lets nothing out before it is kept', async () => {
    const store = gated(memoryOutbox(ground));
    const client = newClient(server, { outbox: store });
    await client.connect();
    const room = await client.join('lobby');
    const sends = [room.send('a'), room.send('b')];
    await client.command('ping', {});
    expect([contents(), ground.size]).toEqual([[], 0]);
    store.open();
    await Promise.all(sends);
    expect(contents()).toEqual(['a', 'b']);
  });

  it('of an earlier run is sent with its keys, before what is new, once its room is joined', async () => {
    lay(keptMessage('a'), keptMessage('d', { type: 'direct_message', target: 'bob' }), keptMessage('b'));
    const client = newClient(server, withStore());
    const keys: unknown[] = [];
    server.intercept = ({ data }) => {
      if (data?.idempotency_key) keys.push(data.idempotency_key);
      return undefined;
    };
    const events = record(client);
    await client.connect();
    await until(() => server.inbox('alice').length === 1);
    await client.command('ping', {});
    const sent = client.room('lobby').send('c', { idempotencyKey: 'c' });
    await client.command('ping', {});
    expect([contents(), states(client).map(([content]) => content)]).toEqual([[], ['a', 'b', 'c']]);
    await client.join('lobby');
    await sent;
    expect([contents(), keys]).toEqual([
      ['a', 'b', 'c'],
      ['d', 'a', 'b', 'c'],
    ]);
    expect(events.slice(0, 3)).toEqual(['a kept', 'd kept', 'b kept']);
    await until(() => ground.size === 0);
  });

  it('is there before the connection where the user is known', async () => {
    lay(keptMessage('a'), keptMessage('b', { userId: 'bob' }));
    const client = newClient(server, { ...withStore(), userId: 'alice' });
    await until(() => client.outbox.entries().length === 1);
    const sent = client.room('lobby').send('c');
    await until(() => ground.size === 3);
    await client.connect();
    await client.join('lobby');
    await sent;
    expect(contents()).toEqual(['a', 'c']);
  });

  it('waits for what earlier runs left, which comes first', async () => {
    lay(keptMessage('a'));
    const store = gated(memoryOutbox(ground));
    const client = newClient(server, { outbox: store });
    await client.connect();
    const room = await client.join('lobby');
    const sent = room.send('b');
    await client.command('ping', {});
    store.open();
    await sent;
    expect(contents()).toEqual(['a', 'b']);
  });

  it('takes over what another left who is gone meanwhile', async () => {
    let others: KeptMessage[] = [];
    let tellMore = () => {};
    const store: OutboxStore = {
      ...memoryOutbox(ground),
      take: async (_userId, more) => {
        tellMore = more;
        return others.splice(0);
      },
    };
    const client = newClient(server, { outbox: store });
    await client.connect();
    const room = await client.join('lobby');
    await room.send('a');
    others = [keptMessage('b'), keptMessage('c')];
    tellMore();
    await until(() => contents().length === 3);
    expect(contents()).toEqual(['a', 'b', 'c']);
    others = [keptMessage('d')];
    server.kill();
    await until(() => contents().length === 4);
  });

  it('takes nothing over once the client is closed', async () => {
    let tellMore = () => {};
    const calls: string[] = [];
    const store: OutboxStore = {
      take: async (_userId, more) => {
        tellMore = more;
        calls.push('take');
        return [];
      },
      write: async () => {},
      close: async () => void calls.push('close'),
    };
    const client = newClient(server, { outbox: store });
    await client.connect();
    client.close();
    await client.outbox.written();
    tellMore();
    await client.outbox.written();
    expect(calls).toEqual(['take', 'close']);
  });

  it('lets its store go again after what is retried and discarded once the client is closed', async () => {
    const error = { name: 'Forbidden', code: 2001, message: 'no', retryable: false } as const;
    lay(keptMessage('a', { error }), keptMessage('b', { error }));
    const inner = memoryOutbox(ground);
    let isHeld = true;
    const store: OutboxStore = {
      take: (userId, more) => inner.take(userId, more),
      write: async (put, remove) => {
        isHeld = true;
        await inner.write(put, remove);
      },
      close: async () => {
        isHeld = false;
      },
    };
    const client = newClient(server, { outbox: store, userId: 'alice' });
    await until(() => client.outbox.entries().length === 2);
    client.close();
    await client.outbox.written();
    client.outbox.retry('a');
    client.outbox.discard('b');
    await client.outbox.written();
    expect([isHeld, ...ground.values()]).toMatchObject([false, { key: 'a' }]);
    expect([...ground.values()][0]).not.toHaveProperty('error');
  });

  it('holds any number of an earlier run, which count for nobody', async () => {
    lay(keptMessage('a'), keptMessage('b'), keptMessage('c'));
    const client = newClient(server, { ...withStore(), maxPending: 1 });
    await client.connect();
    await until(() => client.outbox.entries().length === 3);
    const first = client.room('lobby').send('d');
    await expect(client.room('lobby').send('e')).rejects.toMatchObject({ name: 'QueueFull' });
    await client.join('lobby');
    await first;
    expect(contents()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps what was given before the store was ready, though the client is closed by then', async () => {
    const store = gated(memoryOutbox(ground));
    const client = newClient(server, { outbox: store, userId: 'alice' });
    const sent = client.room('lobby').send('a');
    client.close();
    await expect(sent).rejects.toMatchObject({ name: 'Closed' });
    store.open();
    await client.outbox.written();
    expect([...ground.values()].map(({ content }) => content)).toEqual(['a']);
  });

  it('keeps what waits when the client is closed', async () => {
    const client = newClient(server, { ...withStore(), userId: 'alice' });
    const sent = client.room('lobby').send('a');
    await next(client, 'outbox');
    client.close();
    await expect(sent).rejects.toMatchObject({ name: 'Closed', idempotencyKey: expect.any(String) });
    expect(states(client)).toEqual([['a', 'waiting']]);
    const later = newClient(server, withStore());
    await later.connect();
    await later.join('lobby');
    await until(() => contents().length === 1);
  });
});

describe('a message that is refused', () => {
  const refuse = (server: HostileServer) => {
    server.intercept = ({ message_type, data }) =>
      message_type === 'room_message' && data.content === 'poison' ? error(2001, 'Forbidden') : undefined;
  };

  it('stays as failed, over reloads, and keeps none of the others back', async () => {
    refuse(server);
    lay(keptMessage('poison'), keptMessage('b'));
    const client = newClient(server, withStore());
    await client.connect();
    await client.join('lobby');
    await until(() => contents().length === 1 && client.outbox.entries().length === 1);
    expect(states(client)).toEqual([['poison', 'failed']]);
    expect(client.outbox.entries()[0]?.error).toMatchObject({
      name: 'Forbidden',
      code: 2001,
      idempotencyKey: 'poison',
    });
    await until(() => ground.size === 1);
    client.close();
    const later = newClient(server, withStore());
    await later.connect();
    await later.join('lobby');
    await until(() => later.outbox.entries().length === 1);
    await later.room('lobby').send('c');
    expect([contents(), states(later)]).toEqual([['b', 'c'], [['poison', 'failed']]]);
    expect(later.outbox.entries()[0]?.error).toMatchObject({ name: 'Forbidden', code: 2001 });
  });

  it('goes again with its key when it is retried, and is forgotten when it is discarded', async () => {
    refuse(server);
    const client = newClient(server, withStore());
    await client.connect();
    const room = await client.join('lobby');
    const send = (key: string) =>
      room.send('poison', { idempotencyKey: key }).catch((thrown: CommandError) => thrown.name);
    expect(await Promise.all([send('k1'), send('k2')])).toEqual(['Forbidden', 'Forbidden']);
    const keys: unknown[] = [];
    server.intercept = ({ data }) => {
      if (data?.idempotency_key) keys.push(data.idempotency_key);
      return undefined;
    };
    const events = record(client);
    client.outbox.retry('k1');
    client.outbox.discard('k2');
    client.outbox.discard('nothing');
    client.outbox.retry('nothing');
    await until(() => contents().length === 1);
    await until(() => ground.size === 0);
    expect([keys, client.outbox.entries()]).toEqual([['k1'], []]);
    expect(events.toSorted()).toEqual(['poison discarded', 'poison kept', 'poison sent', 'poison stored']);
  });

  it('is not remembered beyond a thousand', async () => {
    server.intercept = ({ message_type }) => (message_type === 'room_message' ? error(2001, 'Forbidden') : undefined);
    const client = newClient(server);
    await client.connect();
    const room = await client.join('lobby');
    await Promise.allSettled(Array.from({ length: 1001 }, (_, n) => room.send(n)));
    expect(
      client.outbox
        .entries()
        .map(({ content }) => content)
        .slice(0, 2),
    ).toEqual([1, 2]);
    expect(client.outbox.entries()).toHaveLength(1000);
  });
});

describe('a message that is given up', () => {
  it('by its signal is discarded; when its time is up it has failed', async () => {
    const client = newClient(server, { ...withStore(), userId: 'alice' });
    const room = client.room('lobby');
    const events = record(client);
    const controller = new AbortController();
    const aborted = room.send('a', { signal: controller.signal });
    const late = room.send('b', { timeoutMs: 5 });
    await until(() => ground.size === 2);
    controller.abort(new Error('changed my mind'));
    await expect(aborted).rejects.toThrow('changed my mind');
    await expect(late).rejects.toMatchObject({ name: 'Disconnected' });
    await until(() => ground.size === 1);
    expect(states(client)).toEqual([['b', 'failed']]);
    expect(events).toEqual(['a kept', 'b kept', 'a discarded', 'b failed']);
    await client.connect();
    await client.join('lobby');
    await room.send('c');
    expect(contents()).toEqual(['c']);
  });

  it('while it waits is not sent', async () => {
    const client = newClient(server);
    const waits = client.room('lobby').send('a', { idempotencyKey: 'k' });
    client.outbox.discard('k');
    await expect(waits).rejects.toMatchObject({ name: 'Discarded' });
    await client.connect();
    await client.join('lobby');
    await client.room('lobby').send('b');
    expect(contents()).toEqual(['b']);
  });
});

describe('a message that the gateway may not know any more', () => {
  it('is not sent again by itself, a day after it may have been; one that never left is sent', async () => {
    const clock = new ManualClock();
    const createdAt = clock.now() - 30 * HOUR;
    lay(
      keptMessage('sent', { createdAt, sentAt: createdAt }),
      keptMessage('never sent', { createdAt }),
      keptMessage('sent lately', { createdAt, sentAt: clock.now() - 22 * HOUR }),
    );
    const client = newClient(server, { ...withStore(), clock });
    await client.connect();
    await client.join('lobby');
    await until(() => contents().length === 2);
    expect(contents()).toEqual(['never sent', 'sent lately']);
    expect(client.outbox.entries()[0]).toMatchObject({ state: 'failed', error: { name: 'Expired' } });
    client.outbox.retry('sent');
    await until(() => contents().length === 3);
  });

  it('is not sent again when the connection comes back after a day', async () => {
    const clock = new ManualClock();
    const client = newClient(server, { clock, timeoutMs: 100 * HOUR });
    await client.connect();
    const room = await client.join('lobby');
    server.chaos = { ...CALM, drop: 1 };
    const sent = room.send('a');
    await until(() => contents().length === 1);
    server.chaos = CALM;
    clock.advance(24 * HOUR);
    await expect(sent).rejects.toMatchObject({ name: 'Expired' });
    expect(contents()).toEqual(['a']);
  });
});

describe('a store', () => {
  it('that fails is told of once, and holds nothing back', async () => {
    const full: OutboxStore = {
      take: async () => [],
      write: async (put) => {
        if (put.length > 0) throw new Error('QuotaExceededError');
      },
      close: async () => {},
    };
    const client = newClient(server, { outbox: full });
    const errors: string[] = [];
    client.on('error', ({ name, message }) => errors.push(`${name}: ${message}`));
    await client.connect();
    const room = await client.join('lobby');
    await Promise.all([room.send('a'), room.send('b')]);
    await room.send('c');
    expect(contents()).toEqual(['a', 'b', 'c']);
    expect(errors).toEqual([expect.stringMatching(/^NotKept: .*QuotaExceededError/)]);
  });

  it('that cannot be opened does not hold the first message back', async () => {
    const broken = { take: () => Promise.reject(new Error('no')), write: async () => {}, close: async () => {} };
    const client = newClient(server, { outbox: broken });
    const told = next(client, 'error');
    await client.connect();
    const room = await client.join('lobby');
    await room.send('a');
    expect(await told).toMatchObject({ name: 'NotKept' });
  });

  it.each(['take', 'write'] as const)('that hangs (%s) holds nothing back for longer than 5 s', async (what) => {
    const clock = new ManualClock();
    const outbox = { ...memoryOutbox(ground), [what]: () => new Promise<never>(() => {}) };
    const client = newClient(server, { outbox, clock });
    const told = next(client, 'error');
    await client.connect();
    const room = await client.join('lobby');
    const sent = room.send('a');
    await client.command('ping', {});
    expect(contents()).toEqual([]);
    clock.advance(5000);
    await sent;
    expect(await told).toMatchObject({ name: 'NotKept' });
  });

  it('with entries that are no messages loses none that are', async () => {
    const outbox = { ...memoryOutbox(ground), take: async () => [null, { key: 1 }, keptMessage('a')] as KeptMessage[] };
    const client = newClient(server, { outbox });
    await client.connect();
    await client.join('lobby');
    await until(() => contents().length === 1);
    expect(contents()).toEqual(['a']);
  });
});

describe('another user', () => {
  it('sends and sees nothing of the former, who finds it again', async () => {
    let user = 'alice';
    server.userOf = () => user;
    const client = newClient(server, { ...withStore(), token: () => user });
    await client.connect();
    const room = await client.join('lobby');
    await room.send('first');
    const offline = reached(client, 'offline');
    server.intercept = ({ message_type }) => (message_type === 'room_message' ? 'lost' : undefined);
    const sent = room.send('sent').catch((thrown: CommandError) => thrown.name);
    await until(() => [...server.peers].some(({ received }) => received.at(-1)?.data?.content === 'sent'));
    server.kill();
    await offline;
    server.intercept = undefined;
    const waits = room.send('waits').catch((thrown: CommandError) => thrown.name);
    user = 'bob';
    expect(await Promise.all([sent, waits])).toEqual(['Disconnected', 'Disconnected']);
    await reached(client, 'open');
    await room.send('bob’s');
    expect([contents(), client.outbox.entries()]).toEqual([['first', 'bob’s'], []]);
    user = 'alice';
    client.close();
    const later = newClient(server, { ...withStore(), token: () => user });
    await later.connect();
    await later.join('lobby');
    await until(() => contents().length === 4);
    expect(contents().slice(2)).toEqual(['sent', 'waits']);
  });

  it('and then the former again: what was kept of him is there', async () => {
    let user = 'alice';
    server.userOf = () => user;
    const outbox = indexedDbOutbox({ indexedDB: new IDBFactory() as unknown as Factory, locks: new FakeLocks() });
    const client = newClient(server, { outbox, token: () => user, userId: 'alice' });
    const kept = next(client, 'outbox');
    const waits = client.sendDirect('carol', 'waits').catch((thrown: CommandError) => thrown.name);
    await kept;
    user = 'bob';
    await client.connect();
    expect([await waits, client.outbox.entries()]).toEqual(['Disconnected', []]);
    user = 'alice';
    server.kill();
    await until(() => server.inbox('carol').length === 1);
    expect(server.inbox('carol')[0]).toMatchObject({ sender_id: 'alice', content: 'waits' });
  });

  it('is nobody until the gateway knows who it is: what is kept waits for that', async () => {
    lay(keptMessage('d', { type: 'direct_message', target: 'bob' }));
    let user: string | null = null;
    server.userOf = () => user as string;
    const client = newClient(server, { ...withStore(), token: undefined, userId: 'alice' });
    await until(() => client.outbox.entries().length === 1);
    await client.connect();
    await client.command('ping', {});
    expect([states(client), server.inbox('bob')]).toEqual([[['d', 'waiting']], []]);
    user = 'alice';
    for (const peer of server.peers) Object.assign(peer, { userId: user });
    await client.command('authenticate', { token: 'alice' });
    await until(() => server.inbox('bob').length === 1);
  });

  it('is every connection of a visitor: nothing of his is kept', async () => {
    let visitors = 0;
    server.userOf = () => `anon:${++visitors}`;
    server.isAnonymous = true;
    const client = newClient(server, { ...withStore(), token: undefined });
    await client.connect();
    const room = await client.join('lobby');
    server.chaos = { ...CALM, drop: 1 };
    const sent = room.send('a').catch((thrown: CommandError) => thrown.name);
    await until(() => contents().length === 1);
    server.chaos = CALM;
    server.kill();
    expect(await sent).toBe('Disconnected');
    await room.send('b');
    expect([contents(), ground.size]).toEqual([['a', 'b'], 0]);
  });
});
