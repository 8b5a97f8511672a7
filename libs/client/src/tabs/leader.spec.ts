import { startGateway, type TestGateway } from '@hubbub/testing';
import { WebSocket } from 'ws';
import { HubbubClient } from '../index.js';
import { reached, until } from '../testing/harness.js';
import { LockSpace } from '../testing/locks.js';
import { connectionsOf } from '../testing/tabs.js';
import { type SharedWebSocketOptions, sharedWebSocket } from './index.js';
import type { PortLike } from './wire.js';

/** Tabs of a browser without SharedWorker. */

let gateway: TestGateway;
let space: LockSpace;
let tabs: Tab[];
let name: string;
let count = 0;

class Tab {
  readonly seen: string[] = [];
  private frozen: (() => unknown)[] | null = null;
  readonly client: HubbubClient;
  /** Real connections that it has made. */
  readonly sockets: WebSocket[] = [];
  private readonly locks = space.tab();
  private readonly channels: PortLike[] = [];

  constructor(options: SharedWebSocketOptions = {}) {
    const { sockets } = this;
    class Counted extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const channel = (channelName: string) => this.channel(channelName);
    this.client = new HubbubClient({
      url: gateway.ws,
      token: () => gateway.token('alice'),
      WebSocket: sharedWebSocket({ name, locks: this.locks, channel, WebSocket: Counted, answerMs: 500, ...options }),
      backoff: { baseMs: 2, maxMs: 20 },
    });
    this.client.on('room_message', ({ seq, content }) => this.seen.push(`${seq} ${String(content)}`));
    tabs.push(this);
  }

  async join(): Promise<this> {
    await this.client.connect();
    await this.client.join('lobby');
    return this;
  }

  send(content: string): Promise<unknown> {
    return this.client.room('lobby').send(content);
  }

  /** From here on nothing reaches it or leaves it, until `thaw`. */
  freeze(): void {
    this.frozen = [];
  }

  thaw(): void {
    const due = this.frozen ?? [];
    this.frozen = null;
    for (const each of due) each();
  }

  /** As the browser ends a tab: nothing of it runs any more, and what it had is free. */
  crash(): void {
    this.freeze();
    for (const socket of this.sockets) socket.terminate();
    for (const channel of this.channels) channel.close();
    this.locks.die();
    this.client.close();
  }

  close(): void {
    this.client.close();
    this.crash();
  }

  private channel(channelName: string): PortLike {
    const channel = new BroadcastChannel(channelName) as unknown as PortLike;
    this.channels.push(channel);
    let isOpen = true;
    return {
      postMessage: (message) => this.whenThawed(() => isOpen && channel.postMessage(message)),
      addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
        channel.addEventListener(type as 'message', (event) => this.whenThawed(() => listener(event)));
      },
      close: () => {
        isOpen = false;
        channel.close();
      },
    };
  }

  private whenThawed(act: () => unknown): void {
    if (this.frozen) this.frozen.push(act);
    else act();
  }
}

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  space = new LockSpace();
  tabs = [];
  name = `application ${++count}`;
  const owner = await gateway.connect('owner');
  await owner.command('create_room', { room_id: 'lobby' });
});
afterEach(async () => {
  for (const tab of tabs) tab.close();
  const owner = await gateway.connect('owner');
  await owner.command('delete_room', { room_id: 'lobby' });
  await gateway.closeClients();
});

const made = () => tabs.map(({ sockets }) => sockets.length);

describe('tabs that elect a leader', () => {
  it('share the connection of one of them', async () => {
    const [one, two, three] = [await new Tab().join(), await new Tab().join(), await new Tab().join()];
    await one.send('a');
    await three.send('b');
    await until(() => tabs.every(({ seen }) => seen.length === 2));
    expect(tabs.map(({ seen }) => seen)).toEqual(tabs.map(() => ['1 a', '2 b']));
    expect(made()).toEqual([1, 0, 0]);
    expect(await connectionsOf(gateway, 'alice')).toBe(1);
    two.client.close();
    await one.send('c');
    await until(() => three.seen.length === 3);
  });

  it('elect one at the same moment', async () => {
    await Promise.all([new Tab(), new Tab(), new Tab()].map((tab) => tab.join()));
    expect(made().sort()).toEqual([0, 0, 1]);
  });

  it('go on with another leader at once when it crashes, and miss nothing', async () => {
    const [one, two, three] = [await new Tab().join(), await new Tab().join(), await new Tab().join()];
    const bob = await gateway.enter('bob', 'lobby');
    await one.send('a');
    await until(() => three.seen.length === 1);
    const back = [reached(two.client, 'open'), reached(three.client, 'open')];
    one.crash();
    await bob.command('room_message', { room_id: 'lobby', content: 'meanwhile' });
    await Promise.all([...back, two.send('b')]);
    await until(() => two.seen.length === 3 && three.seen.length === 3);
    expect(three.seen).toEqual(two.seen);
    expect(two.seen.map((line) => line.split(' ')[0])).toEqual(['1', '2', '3']);
    expect(made()).toEqual([1, 1, 0]);
  });

  it('lead instead of one that is frozen', async () => {
    const one = await new Tab({ answerMs: 60_000 }).join();
    one.freeze();
    const two = await new Tab().join();
    await two.send('a');
    expect([two.seen, made()]).toEqual([['1 a'], [1, 1]]);
    // Back again, it is one of the others.
    const back = reached(one.client, 'open');
    one.thaw();
    await back;
    await until(() => one.seen.length === 1);
    expect(made()).toEqual([1, 1]);
  });

  it('have one connection each where no hub answers', async () => {
    const one = await new Tab({
      channel: () => ({ postMessage() {}, addEventListener() {}, close() {} }),
      answerMs: 1,
    }).join();
    const two = await new Tab({
      channel: () => ({ postMessage() {}, addEventListener() {}, close() {} }),
      answerMs: 1,
    }).join();
    await one.send('a');
    await until(() => two.seen.length === 1);
    expect(made()).toEqual([1, 1]);
  });

  it('leave a worker that cannot be had, or is of another version', async () => {
    const fail = () => {
      throw new Error('No such thing here.');
    };
    const one = await new Tab({ worker: fail }).join();
    const port = (): PortLike => ({
      postMessage() {},
      close() {},
      addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
        if (type === 'message') queueMicrotask(() => listener({ data: { type: 'hello', version: 0 } }));
      },
    });
    const two = await new Tab({ worker: () => ({ port: port(), addEventListener() {} }) }).join();
    const mute = { postMessage() {}, close() {}, addEventListener() {} };
    const unloadable = (_type: 'error', failed: (event: unknown) => void) => queueMicrotask(() => failed({}));
    const three = await new Tab({ worker: () => ({ port: mute, addEventListener: unloadable }) }).join();
    await one.send('a');
    await until(() => two.seen.length + three.seen.length === 2);
    expect(made()).toEqual([1, 0, 0]);
  });
});
