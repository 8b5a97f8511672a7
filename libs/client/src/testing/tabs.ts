import type { TestGateway, TestUser } from '@hubbub/testing';
import { WebSocket } from 'ws';
import { HubbubClient } from '../index.js';
import { Hub, type HubOptions } from '../tabs/hub.js';
import { sharedWebSocket } from '../tabs/index.js';
import type { FromHub, FromTab, PortLike } from '../tabs/wire.js';
import { Relay } from './relay.js';

/** A frame as the protocol has it. */
export interface Frame {
  readonly message_type: string;
  readonly request_id?: number | string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at what they expect
  readonly data: any;
}

/** Two ends; the types of Node have no events of theirs. */
export function portPair(): [PortLike, PortLike] {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2] as unknown as [PortLike, PortLike];
}

/** A tab that says frame by frame what it wants, and notes all that comes. */
export class BareTab {
  readonly frames: Frame[] = [];
  closed: { code: number; alone?: true } | null = null;
  /** Whether it says that it has dealt with what came. */
  isFrozen = false;
  private readonly port: PortLike;
  private wakers: (() => void)[] = [];

  constructor(hub: Hub, url: string, token: string, lock?: string) {
    const [near, far] = portPair();
    this.port = near;
    hub.connect(far);
    near.addEventListener('message', ({ data }) => this.received(data as FromHub));
    near.start?.();
    this.post({ type: 'open', url, protocols: ['hubbub.v1', `bearer.${token}`], ...(lock !== undefined && { lock }) });
  }

  say(message_type: string, data: object = {}, message_id?: number | string): void {
    this.post({ type: 'frame', text: JSON.stringify({ message_type, message_id, data }) });
  }

  /** Says something and waits for the answer. */
  async ask(message_type: string, data: object = {}, id: number | string = crypto.randomUUID()): Promise<Frame> {
    this.say(message_type, data, id);
    return this.next((frame) => frame.request_id === id && !frame.message_type.endsWith('_item'));
  }

  /** The first frame that is so, also of those that came before. */
  async next(isIt: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(isIt);
      if (found) return found;
      if (this.closed) throw new Error(`closed with ${this.closed.code}`);
      await this.change();
    }
  }

  push(type: string): Promise<Frame> {
    return this.next((frame) => frame.message_type === type && frame.request_id === undefined);
  }

  pushes(type: string): unknown[] {
    return this.frames.filter((frame) => frame.message_type === type && !frame.request_id).map(({ data }) => data);
  }

  async ended(): Promise<{ code: number; alone?: true }> {
    while (this.closed === null) await this.change();
    return this.closed;
  }

  post(message: FromTab): void {
    this.port.postMessage(message);
  }

  close(): void {
    this.post({ type: 'close', code: 1000 });
    this.port.close();
  }

  /** Is gone without a word. */
  vanish(): void {
    this.port.close();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wakers.push(resolve));
  }

  private received(message: FromHub): void {
    if (message.type === 'frame') {
      this.frames.push(JSON.parse(message.text) as Frame);
      if (!this.isFrozen) this.post({ type: 'taken', length: message.text.length });
    }
    if (message.type === 'closed') {
      const { code, alone } = message;
      this.closed = { code, ...(alone && { alone }) };
      this.port.close();
    }
    for (const wake of this.wakers.splice(0)) wake();
  }
}

/** A browser: a hub and its tabs, at a gateway behind connections that can be cut. */
export class Browser {
  readonly hub: Hub;
  private readonly open: { close(): void }[] = [];

  private constructor(
    readonly gateway: TestGateway,
    readonly relay: Relay,
    options: Partial<HubOptions>,
  ) {
    this.hub = new Hub({ WebSocket, ...options });
  }

  static async start(gateway: TestGateway, options: Partial<HubOptions> = {}): Promise<Browser> {
    return new Browser(gateway, await Relay.start(gateway.port), options);
  }

  get url(): string {
    return this.relay.url.replace('http', 'ws') + this.gateway.config.server.wsPath;
  }

  /** A tab with the client in it. */
  async tab(user: string): Promise<HubbubClient> {
    const worker = () => {
      const [port, far] = portPair();
      this.hub.connect(far);
      return { port, addEventListener: () => {} };
    };
    const client = new HubbubClient({
      url: this.url,
      token: () => this.gateway.token(user),
      WebSocket: sharedWebSocket({ worker, WebSocket }),
      backoff: { baseMs: 2, maxMs: 20 },
    });
    this.open.push(client);
    await client.connect();
    return client;
  }

  /** A tab that says frames; `connected` was its first. */
  async bareTab(user: string, options: TestUser & { token?: string; lock?: string } = {}): Promise<BareTab> {
    const token = options.token ?? this.gateway.token(user, options);
    const tab = new BareTab(this.hub, this.url, token, options.lock);
    this.open.push(tab);
    await tab.push('connected');
    return tab;
  }

  async close(): Promise<void> {
    for (const each of this.open) each.close();
    await this.relay.close();
  }
}

/** Connections that the gateway has of a user. */
export async function connectionsOf(gateway: TestGateway, user: string): Promise<number> {
  const token = gateway.token('operator', { permissions: ['admin:system'] });
  const { body } = await gateway.fetch<{ clients: { user_id: string }[] }>('GET', '/api/clients', { token });
  return body.clients.filter(({ user_id }) => user_id === user).length;
}
