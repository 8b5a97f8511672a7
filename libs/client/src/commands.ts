import type { Session } from '@hubbub/protocol';
import type { Clock } from './clock.js';
import { type Command, type Entry, exceeds, type InboundFrame, type Lane, newLane } from './command-entry.js';
import { CommandError, disconnected, timedOut } from './command-error.js';
import { Pace } from './pace.js';

/** What commands need of their surroundings. */
export interface CommandHost {
  readonly clock: Clock;
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number;
  /** Most commands that may wait for a connection or an answer. */
  readonly maxPending: number;
  /** What the server says of the connection. */
  session(): Session | null;
  send(frame: string): void;
  /** Whether messages of a lane may leave now. */
  isReady(lane: string): boolean;
  /** The connection owes an answer for too long: it is as good as lost. */
  unresponsive(): void;
}

const nothing = () => {};
/** How long after its first sending a message may be sent again, in ms: the gateway knows its key for a day. */
const KEY_KNOWN_MS = 23 * 60 * 60 * 1000;

/** Commands on their way: correlated with their answers, and kept over lost connections where that is safe. */
export class Commands {
  private readonly inFlight = new Map<number, Entry>();
  private readonly lanes = new Map<string, Lane>();
  /** Commands without a lane that wait for a connection. */
  private waiting: Entry[] = [];
  private pending = 0;
  private nextId = 1;
  private connected = false;
  private readonly pace = new Pace();
  /** Messages under way. */
  private unanswered = 0;
  /** The timer of the next message that waits for its turn. */
  private paced: unknown = null;
  /** Another connection is ready: what is new waits for it. */
  private held = false;
  private onQuiet = nothing;
  private closed: CommandError | null = null;

  constructor(private readonly host: CommandHost) {}

  /** Sends a command, now or when there is a connection. Rejects with a CommandError or the signal's reason. */
  request(command: Command): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw this.closed;
      if (command.signal?.aborted) throw command.signal.reason;
      // Messages are counted by their outbox.
      const lane = command.now ? undefined : command.lane;
      if (lane === undefined && this.pending >= this.host.maxPending) {
        throw new CommandError('QueueFull', { message: 'Too many commands wait.', retryable: true });
      }
      const ready = this.connected && (command.lane === undefined || this.host.isReady(command.lane));
      if (command.now && !ready) throw disconnected(false);
      const entry: Entry = {
        ...command,
        id: this.nextId++,
        dataJson: JSON.stringify(command.data ?? {}),
        lane,
        onReply: command.onReply,
        sentAt: command.sentAt,
        resolve,
        reject,
        release: nothing,
        answered: nothing,
        sent: false,
        done: false,
      };
      if (lane === undefined) this.pending++;
      this.watchCaller(entry);
      this.place(entry, ready && !command.isBacklog, command.now === true);
    });
  }

  /** There is a connection. What waits for it leaves at `flush`, so that the owner can put its own commands before. */
  open(): void {
    this.connected = true;
    this.pace.begin(this.host.session(), this.host.clock.now());
    this.release();
  }

  /** What can wait does so until `open`; `quiet` is called once nothing is owed on this connection. */
  hold(quiet: () => void): void {
    this.held = true;
    this.onQuiet = quiet;
    if (this.inFlight.size === 0) quiet();
  }

  /** Sends what waits, and what the lanes hold that are ready. Those that become ready later are pumped then. */
  flush(): void {
    for (const entry of this.waiting.splice(0)) this.transmit(entry);
    for (const name of this.lanes.keys()) this.pump(name);
  }

  /** Sends what a lane holds, if it may. */
  pump(name: string): void {
    const lane = this.lanes.get(name);
    if (lane === undefined || !this.connected || this.held || !this.host.isReady(name)) return;
    for (let next = lane.queue[0]; next !== undefined && lane.pause === null; next = lane.queue[0]) {
      if (lane.inFlight > 0 && lane.lastSent <= lane.serialUntil) break;
      if (this.waitsForPace()) break;
      lane.queue.shift();
      this.transmit(next, lane);
    }
    if (lane.queue.length === 0 && lane.inFlight === 0) this.lanes.delete(name);
  }

  /** Whether the next message has to wait for its turn. When it has not any more, all lanes are pumped. */
  private waitsForPace(): boolean {
    const { clock } = this.host;
    const waitMs = this.pace.waitMs(clock.now(), this.unanswered);
    if (waitMs > 0) this.paced ??= clock.setTimeout(() => this.pumpAll(), waitMs);
    return waitMs > 0;
  }

  /** Begins with another lane each time, so that none waits for ever. */
  private pumpAll(): void {
    this.paced = null;
    const [first, ...others] = this.lanes;
    if (first === undefined) return;
    this.lanes.delete(first[0]);
    this.lanes.set(...first);
    for (const [name] of [...others, first]) this.pump(name);
  }

  /** The connection is gone. Messages are kept and sent again; everything else that was sent is told so. */
  disconnected(): void {
    this.connected = false;
    this.host.clock.clearTimeout(this.paced);
    this.paced = null;
    this.unanswered = 0;
    this.release();
    const lost = [...this.inFlight.values()];
    this.inFlight.clear();
    const again = new Map<string, Entry[]>();
    for (const entry of lost) {
      entry.answered();
      if (entry.lane === undefined) this.fail(entry, this.closed ?? disconnected(true));
      else if (!entry.done && again.get(entry.lane)?.push(entry) === undefined) again.set(entry.lane, [entry]);
    }
    for (const [name, lane] of this.lanes) {
      lane.inFlight = 0;
      lane.queue.unshift(...(again.get(name) ?? []));
      lane.serialUntil = lane.queue.at(-1)?.id ?? 0;
    }
  }

  /** The user is another one: what the former sent is not repeated in this one's name. */
  userChanged(): void {
    for (const { queue } of this.lanes.values()) {
      const sent = queue.filter((entry) => entry.sent);
      queue.splice(0, sent.length);
      for (const entry of sent) this.fail(entry, disconnected(true));
    }
  }

  /** Fails what a lane holds back. */
  rejectLane(name: string, error: CommandError): void {
    for (const entry of this.lanes.get(name)?.queue.splice(0) ?? []) this.fail(entry, error);
  }

  /** No command leaves any more; all that are open fail with `error`. */
  close(error: CommandError): void {
    this.closed = error;
    this.disconnected();
    for (const entry of this.waiting.splice(0)) this.fail(entry, error);
    for (const [name, lane] of this.lanes) {
      this.host.clock.clearTimeout(lane.pause);
      this.rejectLane(name, error);
    }
    this.lanes.clear();
  }

  /** Takes an answer. One that nobody waits for is a repeat and is dropped. */
  answer(frame: InboundFrame): void {
    const entry = this.inFlight.get(frame.request_id as number);
    if (entry === undefined) return;
    if (frame.message_type === `${entry.type}_item`) {
      if (!entry.done) entry.onItem?.(frame.data);
      return;
    }
    this.inFlight.delete(entry.id);
    entry.answered();
    const lane = entry.lane === undefined ? undefined : this.lanes.get(entry.lane);
    if (lane) {
      lane.inFlight--;
      this.unanswered--;
    }
    if (frame.message_type === 'error') this.refused(entry, lane, CommandError.from(frame.data));
    else {
      entry.onReply?.(frame.data);
      this.settle(entry);
      entry.resolve(frame.data);
    }
    if (entry.lane !== undefined) this.pump(entry.lane);
    if (this.inFlight.size === 0) this.onQuiet();
  }

  private release(): void {
    this.held = false;
    this.onQuiet = nothing;
  }

  private refused(entry: Entry, lane: Lane | undefined, error: CommandError): void {
    if (error.name !== 'RateLimited' || lane === undefined || entry.id > lane.serialUntil || entry.done) {
      this.fail(entry, error);
      return;
    }
    // The burst after a reconnection is ours, not the caller's: it is ours to slow down.
    lane.queue.unshift(entry);
    lane.pause = this.host.clock.setTimeout(() => {
      lane.pause = null;
      this.pump(entry.lane as string);
    }, error.retryAfterMs ?? 1000);
  }

  private place(entry: Entry, ready: boolean, now: boolean): void {
    if (entry.lane !== undefined) {
      let lane = this.lanes.get(entry.lane);
      if (lane === undefined) this.lanes.set(entry.lane, (lane = newLane()));
      lane.queue.push(entry);
      if (!ready) lane.serialUntil = entry.id;
      this.pump(entry.lane);
    } else if (this.connected && (now || !this.held)) this.transmit(entry);
    else this.waiting.push(entry);
  }

  private transmit(entry: Entry, lane?: Lane): void {
    const frame = `{"message_type":${JSON.stringify(entry.type)},"message_id":${entry.id},"data":${entry.dataJson}}`;
    if (exceeds(frame, this.host.session()?.max_message_bytes ?? Number.POSITIVE_INFINITY)) {
      // The server would end the connection, and it would come again with every new one.
      const message = 'The message is larger than the server takes.';
      this.fail(entry, new CommandError('MessageTooLarge', { code: 4002, message }));
      return;
    }
    const now = this.host.clock.now();
    if (entry.lane !== undefined && now - (entry.sentAt ?? now) > KEY_KNOWN_MS) {
      const message = 'It may have been sent too long ago to be sent again without being stored twice.';
      this.fail(entry, new CommandError('Expired', { message }));
      return;
    }
    entry.sent = true;
    entry.sentAt ??= now;
    this.inFlight.set(entry.id, entry);
    if (lane) {
      lane.inFlight++;
      lane.lastSent = entry.id;
      this.unanswered++;
    }
    this.pace.take(now, this.unanswered);
    if (lane || entry.watched) {
      const timer = this.host.clock.setTimeout(() => this.host.unresponsive(), this.host.timeoutMs);
      entry.answered = () => this.host.clock.clearTimeout(timer);
    }
    entry.onSent?.();
    this.host.send(frame);
  }

  /** Lets time and the caller's signal end the wait. */
  private watchCaller(entry: Entry): void {
    const { signal, lane, watched } = entry;
    const isKept = lane !== undefined || watched;
    const timeoutMs = entry.timeoutMs ?? (isKept ? Number.POSITIVE_INFINITY : this.host.timeoutMs);
    const onTimeout = () => this.giveUp(entry, entry.sent ? timedOut() : disconnected(false));
    const timer = Number.isFinite(timeoutMs) ? this.host.clock.setTimeout(onTimeout, timeoutMs) : undefined;
    const onAbort = () => this.giveUp(entry, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    entry.release = () => {
      if (timer !== undefined) this.host.clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  private giveUp(entry: Entry, reason: unknown): void {
    this.fail(entry, reason);
    if (this.inFlight.has(entry.id)) {
      // The cancel carries no id: the stream's own answer says the same as its.
      if (entry.onItem) this.host.send(`{"message_type":"cancel","data":{"request_id":${entry.id}}}`);
      return;
    }
    const queue = entry.lane === undefined ? this.waiting : this.lanes.get(entry.lane)?.queue;
    const index = queue?.indexOf(entry) ?? -1;
    if (index >= 0) queue?.splice(index, 1);
  }

  private fail(entry: Entry, error: unknown): void {
    const { idempotencyKey } = entry;
    this.settle(entry);
    entry.reject(idempotencyKey !== undefined && error instanceof CommandError ? error.withKey(idempotencyKey) : error);
  }

  private settle(entry: Entry): void {
    if (entry.done) return;
    entry.done = true;
    entry.release();
    if (entry.lane === undefined) this.pending--;
  }
}
