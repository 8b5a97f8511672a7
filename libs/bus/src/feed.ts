import type { Subject } from '@hubbub/protocol';
import type { Bus, Subscription } from './bus.js';
import type { NodeInfo } from './node-info.js';

/** What nodes tell each other about one thing. A JSON object; `kind` picks the handler. */
export type FeedNote = { readonly kind: string };

/** `from` is the node that published it: never this one. */
type TextHandler = (id: string, text: string, from: string) => void;

interface Followed {
  readonly id: string;
  users: number;
  /** Resolves once it is subscribed. */
  inForce: Promise<void>;
  subscription: Subscription | null;
  /** When it is unsubscribed if nobody follows it till then, by `now`; 0 = it is followed. */
  endsAt: number;
}

export interface FeedOptions {
  /** How long a subscription stays after the last user has gone: many come back at once. @default 5000 */
  readonly lingerMs?: number;
  /** Most subscriptions that stay so; the oldest go first. @default 1000 */
  readonly maxLingering?: number;
}

const NEWLINE = 0x0a;
const DONE = Promise.resolve();

/**
 * What nodes tell each other about rooms or users, each on its own subject: a node is subscribed to those that matter to
 * it now, and for a while after that. A hint like all that the bus carries: what is lost is repaired from the database.
 *
 * On the bus: the publisher's id as JSON, a space and the kind on one line, and then the text.
 */
export class Feed {
  private readonly followed = new Map<string, Followed>();
  /** Without users, in the order in which they lost the last. */
  private readonly lingering = new Set<Followed>();
  private readonly handlers = new Map<string, TextHandler>();
  private sweep: NodeJS.Timeout | undefined;
  private readonly author: string;
  private readonly authorBytes: Buffer;
  private closed = false;
  private readonly options: Required<FeedOptions>;

  constructor(
    private readonly bus: Bus,
    private readonly node: NodeInfo,
    private readonly subjectOf: (id: string) => Subject,
    options: FeedOptions = {},
  ) {
    this.options = { lingerMs: 5000, maxLingering: 1000, ...options };
    this.author = `${JSON.stringify(node.nodeId)} `;
    this.authorBytes = Buffer.from(this.author);
  }

  /** Whether there may be other nodes. If not, everything here does nothing. */
  get shared(): boolean {
    return this.node.clustered;
  }

  /** Subscriptions, lingering ones included. */
  get size(): number {
    return this.followed.size;
  }

  /**
   * One user more of what is told about `id`. Resolves once the subscription is in force, or at once where the bus is away:
   * then it comes into force with the bus. Never rejects.
   */
  follow(id: string): Promise<void> {
    if (!this.shared || this.closed) return DONE;
    let entry = this.followed.get(id);
    if (entry === undefined) entry = this.begin(id);
    entry.users++;
    entry.endsAt = 0;
    this.lingering.delete(entry);
    return entry.subscription === null ? entry.inForce : DONE;
  }

  /** One user less; after the last the subscription lingers a while. */
  unfollow(id: string): void {
    const entry = this.followed.get(id);
    if (entry === undefined || entry.users === 0 || --entry.users > 0) return;
    entry.endsAt = performance.now() + this.options.lingerMs;
    this.lingering.add(entry);
    if (this.lingering.size > this.options.maxLingering) this.endFirst();
    this.scheduleSweep();
  }

  /** Calls `handler` with the notes of one kind from other nodes. @throws if the kind has a handler */
  on<N extends FeedNote>(kind: N['kind'], handler: (id: string, note: N, from: string) => void): void {
    this.onText(kind, (id, text, from) => handler(id, JSON.parse(text) as N, from));
  }

  /** As `on`, for texts that are no JSON object. */
  onText(kind: string, handler: TextHandler): void {
    if (this.handlers.has(kind)) throw new Error(`notes of the kind ${kind} have a handler already`);
    this.handlers.set(kind, handler);
  }

  /** Tells the other nodes that follow `id`. Never throws: what does not arrive is repaired. */
  publish<N extends FeedNote>(id: string, note: N): void {
    if (this.shared) this.publishText(id, note.kind, JSON.stringify(note));
  }

  publishText(id: string, kind: string, text: string): void {
    if (!this.shared || this.closed) return;
    try {
      this.bus.publish(this.subjectOf(id), Buffer.from(`${this.author}${kind}\n${text}`));
    } catch {
      // The bus counts what it does not take, and health says so.
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    this.closed = true;
    clearTimeout(this.sweep);
    for (const entry of this.followed.values()) this.end(entry);
    this.lingering.clear();
  }

  private begin(id: string): Followed {
    const entry: Followed = { id, users: 0, inForce: DONE, subscription: null, endsAt: 0 };
    this.followed.set(id, entry);
    entry.inForce = this.subscribe(entry).catch(ignored);
    return entry;
  }

  private async subscribe(entry: Followed): Promise<void> {
    const isWanted = () => this.followed.get(entry.id) === entry;
    const subscription = await this.bus.subscribe(this.subjectOf(entry.id), (payload) => {
      if (isWanted()) this.receive(entry.id, payload);
    });
    if (isWanted()) entry.subscription = subscription;
    else await subscription.unsubscribe();
  }

  private receive(id: string, payload: Uint8Array): void {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (bytes.subarray(0, this.authorBytes.length).equals(this.authorBytes)) return;
    const end = bytes.indexOf(NEWLINE);
    const head = bytes.toString('utf8', 0, end);
    const space = head.lastIndexOf(' ');
    // Of a kind that only a later version knows: none.
    const handler = this.handlers.get(head.slice(space + 1));
    handler?.(id, bytes.toString('utf8', end + 1), JSON.parse(head.slice(0, space)) as string);
  }

  private end(entry: Followed): void {
    this.followed.delete(entry.id);
    entry.subscription?.unsubscribe().catch(ignored);
  }

  private endFirst(): void {
    for (const entry of this.lingering) {
      this.lingering.delete(entry);
      return this.end(entry);
    }
  }

  /** One timer for all that linger: the first of them is due first. */
  private scheduleSweep(): void {
    const [first] = this.lingering;
    if (this.sweep !== undefined || first === undefined) return;
    this.sweep = setTimeout(
      () => {
        this.sweep = undefined;
        const now = performance.now();
        for (const entry of this.lingering) {
          if (entry.endsAt > now) break;
          this.endFirst();
        }
        this.scheduleSweep();
      },
      Math.max(20, first.endsAt - performance.now()),
    ).unref();
  }
}

function ignored(): void {
  // Only a closed bus refuses.
}
