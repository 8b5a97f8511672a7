import {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  type RequestOptions,
  type Subscription,
} from '@hubbub/hubbub';
import { HubbubError, type Subject } from '@hubbub/protocol';
import { seededRandom } from './seeded-random.js';

/** How often a delivery goes wrong; each a share from 0 to 1. */
export interface Faults {
  /** Never arrives. */
  readonly lose: number;
  /** Arrives twice. */
  readonly double: number;
  /** Arrives up to `maxDelayMs` late: later ones overtake it. */
  readonly delay: number;
  /** @default 50 */
  readonly maxDelayMs?: number;
}

const NONE: Faults = { lose: 0, double: 0, delay: 0 };

/** What a FaultyBus has done so far. */
export interface FaultCounts {
  delivered: number;
  lost: number;
  doubled: number;
  delayed: number;
}

/**
 * Any bus, made unreliable: each delivery to a subscriber, each question and each answer is lost, doubled or delayed by
 * chance, the same for the same seed and order of events. The errors are those of the bus it wraps.
 */
export class FaultyBus extends Bus {
  /** May be changed at any time. */
  faults: Faults;
  readonly counts: FaultCounts = { delivered: 0, lost: 0, doubled: 0, delayed: 0 };
  private readonly random: () => number;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly reconnected = new Set<() => void>();
  private readonly responders = new Map<Subject, BusResponder>();
  private isCut = false;

  constructor(
    private readonly inner: Bus,
    private readonly nodeId: string,
    { seed = 1, ...faults }: Partial<Faults> & { readonly seed?: number } = {},
  ) {
    super();
    this.random = seededRandom(seed);
    this.faults = { ...NONE, ...faults };
  }

  /** From now on nothing arrives here and nothing leaves, and nobody is told so. */
  loseEverything(): void {
    this.faults = { ...NONE, lose: 1 };
  }

  /** From now on no fault happens by chance. */
  behave(): void {
    this.faults = NONE;
  }

  /** Cuts the connection to the broker, as this node notices: ServerError, health `down`, until `heal`. */
  partition(): void {
    this.isCut = true;
  }

  heal(): void {
    if (!this.isCut) return;
    this.isCut = false;
    for (const listener of this.reconnected) listener();
  }

  get maxPayloadBytes(): number {
    return this.inner.maxPayloadBytes;
  }

  publish(subject: Subject, payload: Uint8Array): void {
    if (this.isCut) throw new HubbubError('ServerError', { message: 'The bus is cut.' });
    // Losing all, it says nothing either; a smaller share is lost once, where it arrives, each receiver for itself.
    if (this.faults.lose < 1) this.inner.publish(subject, payload);
    else this.counts.lost++;
  }

  async subscribe(subject: Subject, handler: BusHandler): Promise<Subscription> {
    let live = true;
    const subscription = await this.inner.subscribe(subject, (payload, from) => {
      if (this.isLost()) return;
      const doubled = this.random() < this.faults.double;
      if (doubled) this.counts.doubled++;
      for (let times = doubled ? 2 : 1; times > 0; times--) {
        this.counts.delivered++;
        this.arrive(() => {
          if (live) handler(payload, from);
        });
      }
    });
    return {
      unsubscribe: () => {
        // What is delayed must not arrive after the end of its subscription.
        live = false;
        return subscription.unsubscribe();
      },
    };
  }

  async request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered> {
    if (this.isCut) return this.askOneself(subject, payload, options);
    if (this.faults.lose >= 1) {
      this.counts.lost++;
      await new Promise<void>((resolve) => this.later(options.deadlineMs, resolve));
      return { answers: [], missing: options.expected };
    }
    const { answers } = await this.inner.request(subject, payload, options);
    const arrived = answers.filter(() => !this.isLost());
    const from = new Set(arrived.map(({ nodeId }) => nodeId));
    return { answers: arrived, missing: options.expected.filter((nodeId) => !from.has(nodeId)) };
  }

  async respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    const subscription = await this.inner.respond(subject, (payload) => {
      // Never settled: who asks finds out by his deadline, as when the question was lost.
      if (this.isLost()) return new Promise<Uint8Array>(() => {});
      return new Promise((resolve, reject) => {
        this.arrive(() => void Promise.resolve(payload).then(responder).then(resolve, reject));
      });
    });
    this.responders.set(subject, responder);
    return {
      unsubscribe: () => {
        this.responders.delete(subject);
        return subscription.unsubscribe();
      },
    };
  }

  health(): BusHealth {
    const { type, status } = this.inner.health();
    return { type, status: this.isCut ? 'down' : status };
  }

  onReconnect(listener: () => void): () => void {
    const stop = this.inner.onReconnect(() => {
      if (!this.isCut) listener();
    });
    this.reconnected.add(listener);
    return () => {
      stop();
      this.reconnected.delete(listener);
    };
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    await this.inner.close();
  }

  private isLost(): boolean {
    const lost = this.isCut || this.random() < this.faults.lose;
    if (lost) this.counts.lost++;
    return lost;
  }

  /** Now, or later by chance. */
  private arrive(run: () => void): void {
    if (this.random() >= this.faults.delay) return run();
    this.counts.delayed++;
    this.later(this.random() * (this.faults.maxDelayMs ?? 50), () => {
      if (!this.isCut) run();
    });
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    this.timers.add(timer);
  }

  private async askOneself(subject: Subject, payload: Uint8Array, { expected }: RequestOptions): Promise<Gathered> {
    const own = await Promise.resolve(this.responders.get(subject)?.(payload)).catch(() => undefined);
    if (own === undefined) return { answers: [], missing: expected };
    return {
      answers: [{ nodeId: this.nodeId, payload: own }],
      missing: expected.filter((nodeId) => nodeId !== this.nodeId),
    };
  }
}
