import { type Clock, systemClock } from '../clock.js';
import type { WebSocketConstructor } from '../socket.js';
import { keyOf, tokenOf } from './claims.js';
import { Tab } from './tab.js';
import { Upstream } from './upstream.js';
import { type FromHub, type FromTab, type PortLike, TABS_VERSION } from './wire.js';

export interface HubOptions {
  /** Of the real connections. */
  readonly WebSocket: WebSocketConstructor;
  /** Free again when the hub is gone, for the tabs to notice. */
  readonly lock?: string | undefined;
  /** Calls `gone` once a tab has let go of its lock. @returns what ends the wait */
  readonly watch?: ((lock: string, gone: () => void) => () => void) | undefined;
  /** How long a connection may take to open, in ms. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long a silent connection has to answer a ping, in ms. @default 10000 */
  readonly pingTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

const GOING_AWAY = 1001;
const UNSHARED = 4000;

/**
 * Holds one real connection for each user and address, and lends it to tabs: one port is one virtual connection, that
 * keeps what the protocol promises to a connection of its own.
 */
export class Hub {
  private readonly upstreams = new Map<string, Upstream>();
  private readonly tabs = new Set<Tab>();
  private nextNumber = 1;

  constructor(private readonly options: HubOptions) {}

  /** Real connections. */
  get size(): number {
    return this.upstreams.size;
  }

  /** A tab's port. */
  connect(port: PortLike): void {
    let tab: Tab | null = null;
    port.addEventListener('message', ({ data }) => {
      const message = data as FromTab;
      if (message.type === 'open') tab ??= this.open(port, message);
      else if (message.type === 'frame') tab?.receive(message.text);
      else if (message.type === 'taken') tab?.taken(message.length);
      else tab?.gone(message.code);
    });
    port.addEventListener('close', () => tab?.gone(undefined));
    port.start?.();
    const { lock } = this.options;
    const hello: FromHub = { type: 'hello', version: TABS_VERSION, ...(lock !== undefined && { lock }) };
    port.postMessage(hello);
  }

  /** Ends all connections, as when a node goes away: the tabs look for another hub. */
  close(): void {
    for (const tab of this.tabs) tab.close(GOING_AWAY, 'the hub is going away');
  }

  private open(port: PortLike, { url, protocols, lock }: FromTab & { type: 'open' }): Tab {
    const key = keyOf(url, protocols);
    const token = tokenOf(protocols) ?? '';
    const upstream = key === null ? null : this.upstream(key, url, token);
    let unwatch = () => {};
    const tab = new Tab(this.nextNumber++, token, port, {
      frame: (from, text) => upstream?.receive(from, text),
      closed: (from, code) => {
        this.tabs.delete(from);
        unwatch();
        upstream?.remove(from, code);
      },
    });
    this.tabs.add(tab);
    upstream?.add(tab);
    if (upstream === null) tab.close(UNSHARED, 'not to be shared', true);
    else if (lock !== undefined) unwatch = this.options.watch?.(lock, () => tab.gone(undefined)) ?? unwatch;
    return tab;
  }

  private upstream(key: string, url: string, token: string): Upstream {
    const known = this.upstreams.get(key);
    if (known) return known;
    const { WebSocket, clock = systemClock, connectTimeoutMs = 10_000, pingTimeoutMs = 10_000 } = this.options;
    const made: Upstream = new Upstream(url, token, { WebSocket, clock, connectTimeoutMs, pingTimeoutMs }, () => {
      if (this.upstreams.get(key) === made) this.upstreams.delete(key);
    });
    this.upstreams.set(key, made);
    return made;
  }
}
