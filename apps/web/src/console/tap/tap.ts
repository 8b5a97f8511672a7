import { HubbubClient } from '@hubbub/client';
import { batch, signal } from '@preact/signals';
import type { Session } from '../../shared/session.js';
import { type Settings, socketUrl } from '../../shared/settings.js';
import { sayError } from '../../shared/texts.js';
import { asCommandError } from '../state/poll.js';
import { Tail } from '../state/tail.js';

/** Of the stream `tap`. */
export interface TapItem {
  /** Unix ms. */
  readonly at: number;
  readonly node_id: string;
  readonly direction: 'in' | 'out' | 'event';
  readonly connection_id?: string;
  readonly user_id?: string;
  readonly type: string;
  readonly room_id?: string;
  readonly seq?: number;
  readonly bytes: number;
  /** Of what came in: 0 was done, others are codes of errors. */
  readonly code?: number;
  /** Only where it was asked for, and not of what is large. */
  readonly data?: unknown;
  /** Items that were left out since the last one. */
  readonly skipped?: number;
  /** Of the first item: how many nodes watch. */
  readonly nodes?: number;
}

export interface TapTarget {
  readonly room_id?: string;
  readonly user_id?: string;
  /** Share of what happens: 0 < n ≤ 1. */
  readonly sample?: number;
  readonly content?: boolean;
}

export type TapState = 'idle' | 'connecting' | 'watching' | 'ended' | 'stopped' | 'failed';

/** Most rows on the page: what is older is gone, as nobody reads it. */
export const SHOWN = 200;
/** The page is drawn at most so often, however much comes. */
const DRAW_MS = 250;

/** One tap at a time, over a connection of its own that lasts as long as the tap. */
export class Tap {
  readonly state = signal<TapState>('idle');
  readonly fault = signal('');
  readonly items = signal<Tail<TapItem>['items']>([]);
  readonly seen = signal(0);
  readonly skipped = signal(0);
  readonly waiting = signal(0);
  readonly nodes = signal(0);
  readonly isHeld = signal(false);
  private readonly tail = new Tail<TapItem>(SHOWN);
  private left = 0;
  private running: AbortController | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly session: Session,
  ) {}

  async start(target: TapTarget): Promise<void> {
    this.running?.abort();
    const mine = new AbortController();
    this.running = mine;
    this.clear();
    this.state.value = 'connecting';
    const client = new HubbubClient({
      url: socketUrl(this.settings),
      token: (reason) => this.session.token(reason),
    });
    void client.connect();
    const drawing = setInterval(() => this.draw(), DRAW_MS);
    try {
      for await (const item of client.stream('tap', target, { signal: mine.signal })) this.take(item as TapItem);
      if (this.running === mine) this.state.value = 'ended';
    } catch (error) {
      if (this.running === mine && !mine.signal.aborted) this.fail(error);
    } finally {
      clearInterval(drawing);
      this.draw();
      client.close();
    }
  }

  stop(): void {
    this.running?.abort();
    this.running = null;
    if (this.state.value === 'connecting' || this.state.value === 'watching') this.state.value = 'stopped';
  }

  hold(held: boolean): void {
    this.tail.hold(held);
    this.isHeld.value = held;
    this.draw();
  }

  clear(): void {
    this.tail.clear();
    this.left = 0;
    batch(() => {
      this.items.value = [];
      for (const figure of [this.seen, this.skipped, this.waiting]) figure.value = 0;
    });
  }

  private take(item: TapItem): void {
    if (item.type === 'tap_started') {
      this.state.value = 'watching';
      this.nodes.value = item.nodes ?? 1;
      return;
    }
    this.left += item.skipped ?? 0;
    this.tail.add(item);
  }

  private draw(): void {
    this.tail.flush();
    batch(() => {
      this.items.value = this.tail.items;
      this.waiting.value = this.tail.waitingCount;
      this.seen.value = this.tail.total;
      this.skipped.value = this.left;
    });
  }

  private fail(error: unknown): void {
    const { name, message } = asCommandError(error);
    // The gateway says which of its bounds was reached.
    this.fault.value = name === 'RateLimited' ? message : sayError(error);
    this.state.value = 'failed';
  }
}
