import type { Clock } from '../clock.js';
import type { WebSocketLike } from '../socket.js';
import { hold, type LocksLike, watch } from './locks.js';
import { type FromHub, type FromTab, newName, type PortLike, TABS_VERSION } from './wire.js';

/** What a virtual connection needs of its page. */
export interface VirtualSocketHost {
  readonly locks: LocksLike | undefined;
  readonly clock: Clock;
  /** How long a hub may take to answer, in ms. */
  readonly answerMs: number;
  /** No hub has answered on this way, or one that is of another version. */
  failed(): void;
  /** The hub says that this page needs connections of its own. */
  alone(): void;
  /** Calls `gone` when the page is being left, into the cache or for good. @returns what ends that */
  onLeave(gone: () => void): () => void;
}

interface Events {
  message: { data: string };
  close: { code: number; reason: string };
  error: { message: string };
}

/** After how many characters the hub is told that they were dealt with. */
const TELL_AFTER = 65_536;
const LOST = 1006;
const NO_CODE = 1005;
const GOING_AWAY = 1001;

/** A connection to a gateway over the port of a hub, as the client sees it: a WebSocket. */
export class VirtualSocket implements WebSocketLike {
  private readonly listeners: { [T in keyof Events]: Set<(event: Events[T]) => void> } = {
    message: new Set(),
    close: new Set(),
    error: new Set(),
  };
  private isOver = false;
  private isOpened = false;
  private taken = 0;
  private readonly timer: unknown;
  /** What is to be let go of at the end. */
  private readonly releases: (() => void)[] = [];

  constructor(
    private readonly port: PortLike,
    private readonly url: string,
    private readonly protocols: readonly string[],
    private readonly host: VirtualSocketHost,
  ) {
    this.timer = host.clock.setTimeout(() => this.unanswered(), host.answerMs);
    this.releases.push(host.onLeave(() => this.leave()));
    port.addEventListener('message', ({ data }) => this.received(data as FromHub));
    port.addEventListener('close', () => this.fail('The hub is gone.'));
    port.start?.();
  }

  send(text: string): void {
    this.post({ type: 'frame', text });
  }

  close(code?: number): void {
    if (this.isOver) return;
    this.post({ type: 'close', ...(code !== undefined && { code }) });
    queueMicrotask(() => this.end(code ?? NO_CODE, ''));
  }

  addEventListener<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): void {
    this.listeners[type].add(listener);
  }

  /** The way to the hub is closed. */
  fail(reason: string): void {
    this.end(LOST, reason);
  }

  private received(message: FromHub): void {
    if (this.isOver) return;
    if (message.type === 'hello') this.greeted(message);
    else if (message.type === 'closed') {
      if (message.alone) this.host.alone();
      this.end(message.code, message.reason);
    } else {
      this.emit('message', { data: message.text });
      this.taken += message.text.length;
      if (this.taken < TELL_AFTER) return;
      this.post({ type: 'taken', length: this.taken });
      this.taken = 0;
    }
  }

  private greeted({ version, lock }: FromHub & { type: 'hello' }): void {
    const { locks, clock } = this.host;
    if (version !== TABS_VERSION) return this.unanswered();
    // A hub that was looked for may be found twice.
    if (this.isOpened) return;
    this.isOpened = true;
    clock.clearTimeout(this.timer);
    if (locks && lock !== undefined) this.releases.push(watch(locks, lock, () => this.fail('The hub is gone.')));
    void this.open(locks);
  }

  private async open(locks: LocksLike | undefined): Promise<void> {
    const { url, protocols } = this;
    if (locks === undefined) return this.post({ type: 'open', url, protocols });
    const lock = `hubbub.tab.${newName()}`;
    const release = await hold(locks, lock);
    if (this.isOver) release();
    else {
      this.releases.push(release);
      this.post({ type: 'open', url, protocols, lock });
    }
  }

  private unanswered(): void {
    this.host.failed();
    this.fail('No hub has answered.');
  }

  /** A page in the browser's cache takes nothing, and may never come back. */
  private leave(): void {
    this.post({ type: 'close', code: GOING_AWAY });
    this.end(GOING_AWAY, 'The page was left.');
  }

  private end(code: number, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.host.clock.clearTimeout(this.timer);
    for (const release of this.releases) release();
    this.port.close();
    if (code === LOST) this.emit('error', { message: reason });
    this.emit('close', { code, reason });
  }

  private post(message: FromTab): void {
    if (!this.isOver) this.port.postMessage(message);
  }

  private emit<T extends keyof Events>(type: T, event: Events[T]): void {
    for (const listener of this.listeners[type]) listener(event);
  }
}
