import type { Clock } from './clock.js';
import type { Command, CommandOptions } from './command-entry.js';
import { CommandError, disconnected, timedOut } from './command-error.js';
import { copy, laneOf, newKey } from './message-command.js';
import {
  entryOf,
  newItem,
  type OutboxEntry,
  type OutboxEvent,
  type OutboxItem,
  type StoredReply,
} from './outbox-entry.js';
import { OutboxJournal } from './outbox-journal.js';
import { idOf, isKept, type KeptMessage, type OutboxStore } from './outbox-store.js';

/** What an outbox needs of its client. */
export interface OutboxHost {
  readonly clock: Clock;
  readonly store: OutboxStore | undefined;
  /** Most messages that may wait for an acknowledgement. */
  readonly maxPending: number;
  /** Whether messages of a lane may leave now. */
  isReady(lane: string): boolean;
  /** Whether a room is joined. */
  isJoined(roomId: string): boolean;
  /** Sends a message until it is answered. */
  request(message: KeptMessage, more: Partial<Command>): Promise<unknown>;
  tell(event: OutboxEvent): void;
  failed(error: CommandError): void;
}

/** Failed messages that are remembered; beyond them the oldest are discarded. */
const MAX_FAILED = 1000;

const nothing = () => {};

/**
 * One's own messages until they are acknowledged. With a store, each is kept before it leaves, and one of an earlier run is
 * sent again with its key, before those of this one to the same room or user.
 */
export class Outbox {
  /** In the order of sending. */
  private readonly items = new Set<OutboxItem>();
  /** What has not left: for want of a connection, a room, or a user. */
  private readonly lanes = new Map<string, OutboxItem[]>();
  private readonly journal: OutboxJournal;
  private userId: string | null = null;
  private isAnonymous = false;
  /** Whether what earlier runs left is here: what is new comes after it. */
  private isLoaded: boolean;
  /** What `take` found is put before what follows: one after the other. */
  private taking: Promise<void> = Promise.resolve();
  private lastOrder = 0;
  /** Messages that somebody waits for. */
  private callers = 0;
  private closed: CommandError | null = null;

  constructor(private readonly host: OutboxHost) {
    this.journal = new OutboxJournal(host.store, host.clock, (error) => host.failed(error));
    this.isLoaded = host.store === undefined;
  }

  /** Messages of the user that are not acknowledged, in the order of sending. */
  entries(): readonly OutboxEntry[] {
    return Array.from(this.items, entryOf);
  }

  /** Sends failed messages again, with their key and behind all others. Nothing happens to those that did not fail. */
  retry(key: string): void {
    for (const item of this.withKey(key)) {
      if (item.state !== 'failed') continue;
      this.items.delete(item);
      const { error: _, sentAt, ...message } = item.message;
      // Whoever retries what expired has decided that it may be stored twice.
      const mayBeKnown = sentAt !== undefined && item.error?.name !== 'Expired';
      this.add(newItem({ ...message, order: this.nextOrder(), ...(mayBeKnown && { sentAt }) }));
    }
  }

  /** Drops messages, failed or waiting. One that was sent may be stored all the same. */
  discard(key: string): void {
    for (const item of this.withKey(key)) this.giveUp(item, new CommandError('Discarded').withKey(key));
  }

  /** Resolves once the store has all it was given; after the end of the client, once it was let go. */
  async written(): Promise<void> {
    await this.taking;
    await this.journal.written;
  }

  /** @internal Takes a message. Resolves with the reply; rejects with a CommandError, or the signal's reason. */
  send(
    message: Pick<KeptMessage, 'type' | 'target' | 'content'> & { key: string | undefined },
    options: CommandOptions,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw this.closed;
      if (options.signal?.aborted) throw options.signal.reason;
      if (this.callers >= this.host.maxPending) {
        throw new CommandError('QueueFull', { message: 'Too many messages wait.', retryable: true });
      }
      const { key = newKey(), type, target, content } = message;
      const createdAt = this.host.clock.now();
      const place = { userId: this.userId ?? '', order: this.nextOrder() };
      const item = newItem({ key, type, target, content: copy(content), createdAt, ...place });
      item.caller = { resolve, reject };
      this.callers++;
      this.watchCaller(item, options);
      this.add(item);
    });
  }

  /** @internal Who sends, from here on: null while the gateway does not know. */
  signedIn(userId: string | null, isAnonymous: boolean): void {
    if (userId === null) return;
    const isOther = userId !== this.userId;
    if (isOther && this.userId !== null && !this.isAnonymous) this.forget();
    // What came of a visitor is kept from here on, in the name of the user that he turned out to be.
    if (this.isAnonymous) for (const item of this.items) item.isKept = false;
    this.userId = userId;
    // The next connection has another name: nobody could send what is kept in this one.
    this.isAnonymous = isAnonymous;
    this.isLoaded = this.host.store === undefined || isAnonymous || (this.isLoaded && !isOther);
    this.adopt();
  }

  /** @internal Looks for messages of others who are gone. */
  adopt(): void {
    const { userId } = this;
    if (userId === null || this.isAnonymous || !this.host.store || this.closed) return;
    this.taking = this.taking.then(() => this.take(userId));
  }

  /** @internal Others may send what is kept, until this one goes on. */
  suspend(): void {
    this.taking = this.taking.then(() => this.journal.close());
  }

  /** @internal The room of this lane is joined. */
  entered(lane: string): void {
    for (const item of this.lanes.get(lane) ?? []) item.isRestored = false;
    this.pump(lane);
  }

  /** @internal Sends what may leave. */
  pumpAll(): void {
    for (const lane of [...this.lanes.keys()]) this.pump(lane);
  }

  /** @internal Messages of this lane will not leave. What an earlier run left may wait until that is otherwise. */
  reject(lane: string, error: CommandError): void {
    for (const item of [...(this.lanes.get(lane) ?? [])]) {
      if (!item.isRestored || !error.retryable) this.fail(item, error);
    }
  }

  /** @internal Nothing leaves any more. What is kept waits for the next run. */
  close(error: CommandError): void {
    if (this.closed) return;
    this.closed = error;
    for (const item of this.items) this.answer(item)?.reject(error.withKey(item.message.key));
    // What was given before the store was ready is kept all the same.
    this.suspend();
  }

  private withKey(key: string): OutboxItem[] {
    return [...this.items].filter(({ message }) => message.key === key);
  }

  private nextOrder(): number {
    this.lastOrder = Math.max(this.lastOrder + 1, this.host.clock.now());
    return this.lastOrder;
  }

  private add(item: OutboxItem): void {
    const lane = laneOf(item.message);
    const queue = this.lanes.get(lane);
    this.items.add(item);
    if (queue) queue.push(item);
    else this.lanes.set(lane, [item]);
    if (queue === undefined && this.mayLeave(lane)) this.pump(lane);
    else {
      item.hasWaited = true;
      if (this.isLoaded) this.keep([item]);
    }
  }

  private mayLeave(lane: string): boolean {
    return this.isLoaded && this.host.isReady(lane) && this.lanes.get(lane)?.[0]?.isRestored === false;
  }

  /** Sends what a lane holds, once it is kept that this was tried. */
  private pump(lane: string): void {
    if (this.closed || !this.mayLeave(lane)) return;
    const items = this.lanes.get(lane) ?? [];
    this.lanes.delete(lane);
    const sentAt = this.host.clock.now();
    for (const item of items) item.message = { sentAt, ...item.message };
    this.keep(items, () => {
      for (const item of items) if (this.items.has(item) && item.state !== 'failed') this.release(item);
    });
  }

  private release(item: OutboxItem): void {
    const { message, hasWaited: isBacklog, abort } = item;
    const onSent = () => {
      if (item.state !== 'waiting') return;
      item.state = 'sent';
      this.tell('sent', item);
    };
    this.host.request(message, { isBacklog, sentAt: message.sentAt, onSent, signal: abort.signal }).then(
      (reply) => this.stored(item, reply as StoredReply),
      (error: CommandError) => {
        // With the end of the client, and with what was given up here, all is said.
        if (!this.closed && this.items.has(item) && item.state !== 'failed') this.fail(item, error);
      },
    );
  }

  private stored(item: OutboxItem, reply: StoredReply): void {
    if (!this.items.delete(item)) return;
    this.journal.drop(item.message);
    this.host.tell({ event: 'stored', entry: entryOf(item), reply });
    this.answer(item)?.resolve(reply);
  }

  private fail(item: OutboxItem, why: CommandError): void {
    const error = why.withKey(item.message.key);
    this.takeOut(item, error);
    const { name, code, message, retryable, details } = error;
    item.state = 'failed';
    item.error = error;
    item.message = {
      ...item.message,
      error: { name, code, message, retryable, ...(details !== undefined && { details }) },
    };
    if (this.isLoaded) this.keep([item]);
    this.tell('failed', item);
    this.answer(item)?.reject(error);
    const failed = [...this.items].filter(({ state }) => state === 'failed');
    if (failed.length > MAX_FAILED) this.giveUp(failed[0] as OutboxItem, error);
  }

  private giveUp(item: OutboxItem, reason: unknown): void {
    this.takeOut(item, reason);
    this.items.delete(item);
    this.journal.drop(item.message);
    this.tell('discarded', item);
    this.answer(item)?.reject(reason);
  }

  /** Another user is signed in. What is kept of the former one waits for his return. */
  private forget(): void {
    this.lanes.clear();
    for (const item of this.items) {
      item.abort.abort();
      this.answer(item)?.reject(disconnected(item.state === 'sent').withKey(item.message.key));
    }
    this.items.clear();
    this.suspend();
  }

  private takeOut(item: OutboxItem, reason: unknown): void {
    const lane = laneOf(item.message);
    const queue = this.lanes.get(lane) ?? [];
    const index = queue.indexOf(item);
    if (index >= 0) queue.splice(index, 1);
    if (queue.length === 0) this.lanes.delete(lane);
    item.abort.abort(reason);
  }

  private keep(items: readonly OutboxItem[], then = nothing): void {
    const userId = this.userId ?? '';
    for (const item of items) item.message = { ...item.message, userId };
    const kept = () => {
      for (const item of items) {
        if (item.isKept || !this.items.has(item)) continue;
        item.isKept = true;
        this.tell('kept', item);
      }
      then();
    };
    if (this.isAnonymous) kept();
    else
      this.journal.keep(
        items.map(({ message }) => message),
        kept,
      );
  }

  /** Takes over what earlier runs and others have left, before all that has not left yet. */
  private async take(userId: string): Promise<void> {
    const found = (await this.journal.take(userId, () => this.adopt())).filter(isKept);
    if (userId !== this.userId) return;
    if (this.isLoaded && found.length === 0) return;
    const known = new Set(Array.from(this.items, ({ message }) => idOf(message)));
    const later = [...this.items];
    this.items.clear();
    for (const message of found) if (!known.has(idOf(message))) this.items.add(this.restored(message));
    const restored = [...this.items];
    for (const item of later) this.items.add(item);
    this.line(restored);
    this.isLoaded = true;
    const given = later.filter(({ isKept: hasPlace }) => !hasPlace);
    for (const item of given) item.message = { ...item.message, order: this.nextOrder() };
    if (given.length > 0) this.keep(given);
    for (const item of restored) this.tell('kept', item);
    this.pumpAll();
  }

  private restored(message: KeptMessage): OutboxItem {
    this.lastOrder = Math.max(this.lastOrder, message.order);
    const item = newItem(message);
    const isWaiting = message.type === 'room_message' && !this.host.isJoined(message.target);
    return Object.assign(item, { isKept: true, hasWaited: true, isRestored: isWaiting });
  }

  /** Puts items before those that wait in the same lanes. */
  private line(items: readonly OutboxItem[]): void {
    const before = new Map(this.lanes);
    this.lanes.clear();
    for (const item of items) {
      const lane = laneOf(item.message);
      if (item.state !== 'failed' && this.lanes.get(lane)?.push(item) === undefined) this.lanes.set(lane, [item]);
    }
    for (const [lane, queue] of before) this.lanes.set(lane, [...(this.lanes.get(lane) ?? []), ...queue]);
  }

  private tell(event: 'kept' | 'sent' | 'failed' | 'discarded', item: OutboxItem): void {
    this.host.tell({ event, entry: entryOf(item) });
  }

  /** Lets the caller's time and signal end the wait. */
  private watchCaller(item: OutboxItem, { signal, timeoutMs = Number.POSITIVE_INFINITY }: CommandOptions): void {
    const { clock } = this.host;
    const onTimeout = () => this.fail(item, item.state === 'sent' ? timedOut() : disconnected(false));
    const timer = Number.isFinite(timeoutMs) ? clock.setTimeout(onTimeout, timeoutMs) : undefined;
    const onAbort = () => this.giveUp(item, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    item.release = () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  /** Who waits for this, for the last time. */
  private answer(item: OutboxItem): OutboxItem['caller'] {
    const { caller } = item;
    if (caller === null) return null;
    item.caller = null;
    item.release();
    this.callers--;
    return caller;
  }
}
