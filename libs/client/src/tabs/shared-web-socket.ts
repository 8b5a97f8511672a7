import { type Clock, systemClock } from '../clock.js';
import type { WebSocketConstructor, WebSocketLike } from '../socket.js';
import { keyOf } from './claims.js';
import { type ChannelFactory, Leadership } from './leader.js';
import { browserLocks, type LocksLike } from './locks.js';
import { VirtualSocket, type VirtualSocketHost } from './virtual-socket.js';
import type { PortLike } from './wire.js';

/** What is used of a SharedWorker. */
export interface SharedWorkerLike {
  readonly port: PortLike;
  addEventListener(type: 'error', listener: (event: unknown) => void): void;
}

export interface SharedWebSocketOptions {
  /**
   * Makes the worker that all tabs share; its script is `@hubbub/client/tabs-worker`. Called for every connection: the
   * browser starts it once. Without it, or where it cannot be had, one of the tabs does the worker's part.
   */
  readonly worker?: (() => SharedWorkerLike) | undefined;
  /** Tells applications of one origin apart, where a tab does the worker's part. @default 'default' */
  readonly name?: string | undefined;
  /** Of real connections. @default the global one */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** How long a hub may take to answer before another way is taken, in ms. @default 3000 */
  readonly answerMs?: number | undefined;
  /** For tests. @default `navigator.locks` */
  readonly locks?: LocksLike | undefined;
  /** For tests. @default BroadcastChannel */
  readonly channel?: ChannelFactory | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

/** A way to a hub. */
interface Way {
  /** @throws where there is none */
  connect(failed: () => void): PortLike;
  /** No hub has answered on it. @returns whether to try it again */
  failed(): boolean;
}

/**
 * A WebSocket for HubbubClient that all tabs of a browser share: one real connection for each user and address, in a
 * SharedWorker, else in a tab that the others elect, else one for each tab. Without a token, or with one that is no JWT,
 * every connection is a real one.
 */
export function sharedWebSocket(options: SharedWebSocketOptions = {}): WebSocketConstructor {
  const sharing = new Sharing(options);
  // Called with `new`, a function may return another object: a real socket where nothing can be shared.
  return function Shared(url: string, protocols: string[]): WebSocketLike {
    return sharing.open(url, protocols);
  } as unknown as WebSocketConstructor;
}

class Sharing {
  /** Those left, the best first. */
  private readonly ways: Way[] = [];
  private readonly clock: Clock;
  private readonly locks: LocksLike | undefined;

  constructor(private readonly options: SharedWebSocketOptions) {
    this.clock = options.clock ?? systemClock;
    this.locks = options.locks ?? browserLocks();
    const { worker } = options;
    if (worker) this.ways.push(workerWay(worker));
    const channel = options.channel ?? browserChannel();
    if (this.locks && channel) {
      const hub = { WebSocket: this.plain(), clock: this.clock };
      const { name = 'default' } = options;
      const leadership = new Leadership({ name, locks: this.locks, channel, hub });
      onPageHide(() => leadership.leave());
      this.ways.push(leaderWay(leadership));
    }
  }

  open(url: string, protocols: string[]): WebSocketLike {
    const [way] = this.ways;
    if (way === undefined || keyOf(url, protocols) === null) return new (this.plain())(url, protocols);
    // As a real one throws, there and then.
    const address = new URL(url).href;
    let port: PortLike;
    let socket: VirtualSocket | undefined;
    try {
      port = way.connect(() => {
        this.drop(way);
        socket?.fail('The worker could not be loaded.');
      });
    } catch {
      this.drop(way);
      return this.open(url, protocols);
    }
    socket = new VirtualSocket(port, address, protocols, this.host(way));
    return socket;
  }

  private host(way: Way): VirtualSocketHost {
    return {
      locks: this.locks,
      clock: this.clock,
      answerMs: this.options.answerMs ?? 3000,
      failed: () => {
        if (!way.failed()) this.drop(way);
      },
      alone: () => void this.ways.splice(0),
      onLeave: onPageHide,
    };
  }

  private drop(way: Way): void {
    const index = this.ways.indexOf(way);
    if (index >= 0) this.ways.splice(index, 1);
  }

  private plain(): WebSocketConstructor {
    const found = this.options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
    if (found === undefined) throw new Error('There is no WebSocket here: pass one as an option.');
    return found;
  }
}

function workerWay(make: () => SharedWorkerLike): Way {
  return {
    connect: (failed) => {
      const worker = make();
      // Its script cannot be loaded, or fails.
      worker.addEventListener('error', failed);
      return worker.port;
    },
    failed: () => false,
  };
}

function leaderWay(leadership: Leadership): Way {
  let failures = 0;
  return {
    connect: () => leadership.connect(),
    failed: () => {
      // A frozen tab leads, perhaps. One that leads itself and hears nothing has no channels.
      failures++;
      leadership.takeOver();
      return failures < 3;
    },
  };
}

function browserChannel(): ChannelFactory | undefined {
  const { BroadcastChannel } = globalThis as unknown as { BroadcastChannel?: new (name: string) => PortLike };
  return BroadcastChannel && ((name) => new BroadcastChannel(name));
}

/** `gone` is called when the page is left. @returns what ends that */
function onPageHide(gone: () => void): () => void {
  const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  page.addEventListener?.('pagehide', gone);
  return () => page.removeEventListener?.('pagehide', gone);
}
