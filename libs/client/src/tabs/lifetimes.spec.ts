import { startGateway, type TestGateway } from '@hubbub/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { systemClock } from '../clock.js';
import { until } from '../testing/harness.js';
import { LockSpace } from '../testing/locks.js';
import { ManualClock } from '../testing/manual-clock.js';
import { BareTab, Browser, portPair } from '../testing/tabs.js';
import { hold, watch } from './locks.js';
import { VirtualSocket } from './virtual-socket.js';

/** How tabs, their streams, the connection and the hub end, and what the others see of it. */

let running = 0;

@WebSocketGateway()
class TickGateway {
  /** Three items, and no end. */
  @SubscribeMessage('ticks')
  ticks(): Observable<unknown> {
    return new Observable((subscriber) => {
      running++;
      for (let n = 1; n <= 3; n++) subscriber.next({ n });
      return () => running--;
    });
  }
}

let gateway: TestGateway;
let browser: Browser;
let space: LockSpace;
let isMute: boolean;
let clock: NotingClock;

/** Stands still, and counts who waits. */
class NotingClock extends ManualClock {
  waits = 0;

  override setTimeout(callback: () => void, ms: number): object {
    this.waits++;
    return super.setTimeout(callback, ms);
  }
}

/** A connection that is half open while `isMute`: the other side has gone without a word. */
class HalfOpen extends WebSocket {
  override addEventListener(type: string, listener: unknown): void {
    const heard = listener as (event: unknown) => void;
    const act = (event: unknown) => {
      if (type !== 'message' || !isMute) heard(event);
    };
    super.addEventListener(type as 'message', act);
  }
}

beforeAll(async () => {
  gateway = await startGateway({ providers: [TickGateway], presence: { coalesceMs: 1 } });
  const owner = await gateway.connect('owner');
  await owner.command('create_room', { room_id: 'lobby' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  isMute = false;
  clock = new NotingClock();
  space = new LockSpace();
  const locks = space.tab();
  browser = await Browser.start(gateway, {
    WebSocket: HalfOpen,
    clock,
    watch: (name, gone) => watch(locks, name, gone),
  });
});
afterEach(() => browser.close());

const items = (tab: BareTab, id: unknown) =>
  tab.frames
    .filter((frame) => frame.message_type === 'ticks_item' && frame.request_id === id)
    .map(({ data }) => data.n);

describe('streams of tabs', () => {
  it('go each to its own, and end by `cancel` of their own id, which others may use too', async () => {
    const [one, two] = [await browser.bareTab('alice'), await browser.bareTab('alice')];
    one.say('ticks', {}, 5);
    two.say('ticks', {}, 5);
    two.say('ticks', {}, 'five');
    await until(() => [items(one, 5), items(two, 5), items(two, 'five')].every((some) => some.length === 3));
    expect((await two.ask('cancel', { request_id: 5 }, 'c')).data).toEqual({ request_id: 5 });
    expect(await two.next(({ request_id }) => request_id === 5)).toBeDefined();
    await two.next(({ message_type, request_id }) => message_type === 'done' && request_id === 5);
    expect(running).toBe(2);
    expect((await one.ask('cancel', { request_id: 'five' })).message_type).toBe('cancelled');
    expect(running).toBe(2);
    one.close();
    await until(() => running === 1);
    two.say('cancel', { request_id: 'five' });
    const done = await two.next(({ message_type, request_id }) => message_type === 'done' && request_id === 'five');
    expect([done.data, running]).toEqual([{ cancelled: true }, 0]);
  });
});

describe('a tab that is gone without a word', () => {
  it('is noticed by its lock: its streams end, and it is out of its rooms', async () => {
    const bob = await gateway.enter('bob', 'lobby');
    const locks = space.tab();
    await hold(locks, 'the tab');
    const one = await browser.bareTab('alice', { lock: 'the tab' });
    const two = await browser.bareTab('alice');
    await one.ask('join_room', { room_id: 'lobby' });
    one.say('ticks', {}, 1);
    await until(() => running === 1);
    locks.die();
    await bob.next('presence', ({ left }) => left.some(({ user_id }) => user_id === 'alice'));
    expect(running).toBe(0);
    expect((await two.ask('ping')).message_type).toBe('pong');
  });

  it('is noticed by its port, where there are no locks', async () => {
    const bob = await gateway.enter('bob', 'lobby');
    const [one, two] = [await browser.bareTab('alice'), await browser.bareTab('alice')];
    await one.ask('join_room', { room_id: 'lobby' });
    await two.ask('join_room', { room_id: 'lobby' });
    one.vanish();
    two.vanish();
    await bob.next('presence', ({ left }) => left.some(({ user_id }) => user_id === 'alice'));
    expect(browser.hub.size).toBe(0);
  });
});

describe('a connection that has died without a word', () => {
  it('is given up when a tab comes, which gets another; the others learn of it', async () => {
    const one = await browser.bareTab('alice');
    isMute = true;
    const { waits } = clock;
    const two = new BareTab(browser.hub, browser.url, gateway.token('alice'));
    // Waits for the connection's answer, and so is not welcome yet.
    await until(() => clock.waits > waits);
    clock.advance(10_000);
    expect(await two.ended()).toEqual({ code: 1006 });
    expect(await one.ended()).toEqual({ code: 1006 });
    isMute = false;
    const three = await browser.bareTab('alice');
    expect((await three.ask('ping')).message_type).toBe('pong');
  });

  it('is given up when one tab gives it up', async () => {
    const [one, two] = [await browser.bareTab('alice'), await browser.bareTab('alice')];
    isMute = true;
    const { waits } = clock;
    one.post({ type: 'close' });
    await until(() => clock.waits > waits);
    clock.advance(10_000);
    expect(await two.ended()).toEqual({ code: 1006 });
  });
});

describe('a node that drains', () => {
  it('says so to all tabs, and ends them with its code; who comes meanwhile is not put on that connection', async () => {
    const node = await startGateway();
    const other = await Browser.start(node);
    const tabs = [await other.bareTab('alice'), await other.bareTab('alice')];
    const closing = node.close();
    await Promise.all(tabs.map((tab) => tab.push('draining')));
    expect(other.hub.size).toBe(0);
    expect(await Promise.all(tabs.map((tab) => tab.ended()))).toEqual([{ code: 1012 }, { code: 1012 }]);
    await Promise.all([closing, other.close()]);
  });
});

describe('a hub that is gone', () => {
  const socketOf = (lock: string | undefined, versions: number[]) => {
    const [near, far] = portPair();
    const locks = space.tab();
    const failures: string[] = [];
    const socket = new VirtualSocket(near, 'ws://nowhere', [], {
      locks,
      clock: systemClock,
      answerMs: 60_000,
      failed: () => failures.push('failed'),
      alone: () => failures.push('alone'),
      onLeave: () => () => {},
    });
    for (const version of versions) far.postMessage({ type: 'hello', version, lock });
    const closed = new Promise<number>((resolve) => {
      socket.addEventListener('close', ({ code }) => resolve(code));
    });
    return { socket, far, closed, failures };
  };

  it('ends the connections of its tabs at once', async () => {
    const hub = space.tab();
    await hold(hub, 'the hub');
    const { far, closed, failures } = socketOf('the hub', [1]);
    const opened = new Promise<unknown>((resolve) => {
      far.addEventListener('message', ({ data }) => resolve(data));
    });
    far.start?.();
    expect(await opened).toMatchObject({
      type: 'open',
      url: 'ws://nowhere',
      lock: expect.stringMatching(/^hubbub\.tab\./),
    });
    hub.die();
    expect([await closed, failures]).toEqual([1006, []]);
    far.close();
  });

  it('or of another version is none', async () => {
    const { far, closed, failures } = socketOf(undefined, [2]);
    expect([await closed, failures]).toEqual([1006, ['failed']]);
    far.close();
  });
});
