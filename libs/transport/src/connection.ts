import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Metrics } from '@hubbub/observability';
import { CLOSE, type CloseName, HubbubError, type MessageId } from '@hubbub/protocol';
import type { CommandConnection, ConnectionEnd } from './command-connection.js';
import type { ConnectionWatcher } from './connection-watcher.js';
import type { Dialect } from './dialect.js';
import { Frame, PING_FRAME } from './frame.js';
import type { HubbubSocket } from './hubbub-socket.js';
import type { Identity, InboxStand } from './identity.js';
import type { Push } from './push.js';
import { type FrameChain, SendQueue } from './send-queue.js';

declare global {
  // Global, because a module's augmentation does not reach an interface that is exported again by another name.
  namespace Hubbub {
    /**
     * Typed bag of a connection, made at first use. Libraries and applications add members:
     * `declare global { namespace Hubbub { interface ConnectionData { score?: number } } }`.
     */
    // oxlint-disable-next-line typescript/no-empty-object-type -- open for merging
    interface ConnectionData {}
  }
}
export type ConnectionData = Hubbub.ConnectionData;

/** What the connections of a node share. */
export interface ConnectionHost {
  readonly chain: FrameChain;
  readonly metrics: Metrics;
  /** Limit of what the socket may hold after a flush, in bytes. */
  readonly sendBufferBytes: number;
  /** Hands a frame to the command router. Must not throw. */
  received(connection: Connection, text: string): void;
  /** Counts a control frame. Returns whether it is within the rate of commands. Must not throw. */
  admitControl(connection: Connection): boolean;
  /** Has the connection flushed soon; `urgent`: at the end of this turn. */
  schedule(connection: Connection, urgent: boolean): void;
  /** Told after a flush when the socket holds more than the limit, or did so before. */
  congestion(connection: Connection, backlogBytes: number): void;
  /**
   * Told once, when the connection stops being served; its socket may take a while longer to close.
   * @param wasOpen false if its handshake was broken off
   */
  ended(connection: Connection, end: ConnectionEnd, wasOpen: boolean): void;
  /** Told once, when the socket of an open connection has closed. */
  gone(connection: Connection): void;
}

/** Largest frame of a connection that is not identified yet, in bytes. */
export const UNIDENTIFIED_MAX_BYTES = 4096;

/** Owed bytes from which streams wait. */
const STREAM_WINDOW_BYTES = 65_536;

/** Stands for a binary frame that is no UTF-8: no JSON, so it is answered InvalidFormat in its turn like any other. */
const NO_JSON = '\ufffd';

const NO_INBOX: InboxStand = { epoch: '', seq: 0 };

const PENDING = 0;
const OPEN = 1;
const ENDED = 2;

/** One open WebSocket. Made when its upgrade is let in, open once the handshake is done and `connected` is on its way. */
export class Connection implements CommandConnection {
  /** Unix ms. */
  readonly connectedAt = Date.now();
  /** Null until identified; changed by `Connections.identify` alone. */
  identity: Identity | null = null;
  /** Where the inbox stood when the connection was attached to it. */
  inbox: InboxStand = NO_INBOX;
  /** Whether it counts as one of the node's; false while nobody knows who it is. `Connections`' to change. */
  hasPlace = false;
  /** In which lists of the flush scheduler it is. */
  listed = 0;
  /** Of the heartbeat: tick of the timer wheel it is due at, and what had been read when the ping was sent (-1: no ping out). */
  dueTick = 0;
  readAtPing = -1;
  /** Lost rather than closed: what is left of it is ended without a word. */
  isLost = false;
  /** Shown what it sends and is sent, while somebody wants to see that. */
  watcher: ConnectionWatcher | null = null;

  /** Our ping is out and no pong has come. */
  private awaitsPong = false;
  private state: typeof PENDING | typeof OPEN | typeof ENDED = PENDING;
  private readonly queue: SendQueue;
  private socket: HubbubSocket | null = null;
  private raw: Socket | null = null;
  /** TLS reads what it is given after a while. */
  private isEncrypted = false;
  /** Pushes that wait behind `connected` or `authenticated`; null while none have to. */
  private held: Push[] | null = [];
  private bag: ConnectionData | null = null;
  private aborter: AbortController | null = null;
  private writers: (() => void)[] | null = null;

  constructor(
    private readonly host: ConnectionHost,
    readonly id: string,
    readonly dialect: Dialect,
    readonly remoteAddress: string,
  ) {
    this.queue = new SendQueue(host.chain);
  }

  get isOpen(): boolean {
    return this.state === OPEN;
  }

  get hasEnded(): boolean {
    return this.state === ENDED;
  }

  /** Whether its handshake was done. Also true for those who are told of its end, until its socket has closed. */
  get wasOpened(): boolean {
    return this.socket !== null;
  }

  get data(): ConnectionData {
    this.bag ??= {};
    return this.bag;
  }

  /** Aborted when the connection ends. */
  get signal(): AbortSignal {
    if (this.aborter === null) {
      this.aborter = new AbortController();
      if (this.state === ENDED) this.aborter.abort();
    }
    return this.aborter.signal;
  }

  /** Queues `push`; all that is queued in a turn leaves in one write. Before `connected` has left it waits behind it. */
  send(push: Push): void {
    if (this.held !== null) {
      this.held.push(push);
    } else if (this.state === OPEN) {
      this.host.metrics.deliveries.inc();
      const wasEmpty = this.queue.isEmpty;
      const frame = push.frame(this.dialect);
      if (!this.queue.add(frame)) return this.host.metrics.dropped.inc();
      if (wasEmpty) this.host.schedule(this, false);
      if (this.watcher !== null) this.watcher.sent(this, push.messageType, push.dataJson, frame.bytes);
    }
  }

  /** Keeps pushes back until `release`: the client has not been told yet what they follow. */
  hold(): void {
    if (this.state !== ENDED) this.held ??= [];
  }

  /** Sends what was kept back, in order. */
  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const push of held) this.send(push);
  }

  reply(messageType: string, dataJson: string, requestId: MessageId | undefined): void {
    if (this.state !== OPEN) return;
    const frame = new Frame(this.dialect.encode(messageType, dataJson, requestId), false);
    this.queue.add(frame);
    this.host.schedule(this, true);
    if (this.watcher !== null) this.watcher.sent(this, messageType, dataJson, frame.bytes);
  }

  /** Writes what is owed, then a close frame, and serves the connection no longer. Safe to call twice. */
  close(name: CloseName): void {
    const { code, reason } = CLOSE[name];
    this.isLost ||= name === 'HeartbeatLost';
    if (this.state === OPEN) {
      // A slow consumer comes back by `since`: more bytes would only keep the close frame from it.
      if (name === 'SlowConsumer') this.queue.clear();
      this.socket?.close(code, reason);
      if (name === 'RateLimited' || name === 'MalformedFrames') this.stopReading();
    } else {
      this.end(code, !this.isLost);
    }
  }

  whenWritable(): Promise<void> | null {
    if (this.state !== OPEN || this.raw === null) return null;
    if (this.queue.owedBytes < STREAM_WINDOW_BYTES && !this.raw.writableNeedDrain) return null;
    return new Promise((resolve) => {
      if (this.writers === null) this.writers = [resolve];
      else this.writers.push(resolve);
      if (this.queue.isEmpty) this.wakeOnDrain();
    });
  }

  /** The handshake is done. `connected` and what waited behind it are written at once: the caller has corked `raw`. */
  open(socket: HubbubSocket, raw: Socket, connected: Push): void {
    this.socket = socket;
    this.raw = raw;
    this.isEncrypted = 'encrypted' in raw;
    this.state = OPEN;
    socket.connection = this;
    this.queue.add(connected.frame(this.dialect));
    this.release();
    this.flush();
  }

  /** Writes all that is owed, in one write. Returns the number of frames. */
  flush(): number {
    const { socket, raw, queue, host } = this;
    if (queue.isEmpty || socket === null || raw === null) return 0;
    if (socket.readyState !== socket.OPEN) {
      queue.clear();
      return 0;
    }
    const owed = queue.owedFrames;
    const before = raw.writableLength;
    const batch = queue.take(before, host.sendBufferBytes);
    const frames = batch === null ? 0 : batch.frames;
    if (batch !== null) {
      // What waits behind other bytes is read when its turn comes.
      raw.write(before > 0 || this.isEncrypted ? batch.joinToKeep() : batch.join(host.chain.memory));
      host.metrics.framesOut.inc(frames);
      host.metrics.bytesOut.inc(batch.bytes);
    }
    if (frames < owed) host.metrics.dropped.inc(owed - frames);
    const backlog = raw.writableLength;
    // The system has not taken all of it.
    if (before === 0 && backlog > 0) host.chain.memory.hold();
    if (backlog > host.sendBufferBytes || queue.congested) host.congestion(this, backlog);
    if (this.writers !== null) this.wakeOnDrain();
    return frames;
  }

  /** One inbound frame. */
  receive(data: Buffer, isBinary: boolean): void {
    if (this.state !== OPEN) return;
    this.host.metrics.framesIn.inc();
    this.host.metrics.bytesIn.inc(data.length);
    if (this.identity === null && data.length > UNIDENTIFIED_MAX_BYTES) return this.refuseTooLarge();
    this.host.received(this, isBinary && !isUtf8(data) ? NO_JSON : data.toString());
  }

  /**
   * A ping. Returns whether to answer it: not over the rate, and not for a client that pings and does not read, or its
   * pongs would pile up here.
   */
  receivePing(): boolean {
    return this.state === OPEN && this.host.admitControl(this) && this.backlogBytes <= this.host.sendBufferBytes;
  }

  /** A pong. The answer to our ping is free: an idle connection should cost the router nothing. */
  receivePong(): void {
    if (this.awaitsPong) this.awaitsPong = false;
    else if (this.state === OPEN) this.host.admitControl(this);
  }

  /** A frame over the limit: told why, then closed. */
  refuseTooLarge(): void {
    this.reply('error', JSON.stringify(new HubbubError('MessageTooLarge')), undefined);
    this.close('MessageTooBig');
  }

  /** Ends what the connection is to the node; the socket closes by itself. */
  end(code: number, clean: boolean): void {
    if (this.state === ENDED) return;
    const wasOpen = this.state === OPEN;
    this.state = ENDED;
    this.held = null;
    this.queue.clear();
    this.host.ended(this, { code, clean }, wasOpen);
    this.aborter?.abort();
    this.wake();
  }

  /** The socket has closed. */
  socketGone(code: number): void {
    this.end(code, false);
    this.host.gone(this);
    this.socket = null;
    this.raw = null;
  }

  /** Stops the connection at once, without a close frame. */
  terminate(): void {
    this.socket?.terminate();
  }

  /** What the socket holds and has not passed on, in bytes. */
  get backlogBytes(): number {
    return this.raw === null ? 0 : this.raw.writableLength;
  }

  /** Whether ephemeral pushes are left out for it at once. */
  get isCongested(): boolean {
    return this.queue.congested;
  }

  set isCongested(congested: boolean) {
    this.queue.congested = congested;
  }

  /** Bytes read from the socket since it was accepted: any change is a sign of life. */
  get bytesRead(): number {
    return this.raw?.bytesRead ?? 0;
  }

  get isPaused(): boolean {
    return this.socket?.isPaused ?? false;
  }

  /** Stops reading: its unread commands stay with the client. */
  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    if (this.raw?.writableEnded !== true) this.socket?.resume();
  }

  ping(): void {
    if (this.state !== OPEN || this.socket?.readyState !== this.socket?.OPEN) return;
    this.awaitsPong = true;
    this.raw?.write(PING_FRAME);
  }

  /** For good: whoever floods would go on until the socket has closed. Its close frame is not waited for either. */
  private stopReading(): void {
    this.pause();
    this.raw?.end();
  }

  private wakeOnDrain(): void {
    if (this.raw?.writableNeedDrain) this.raw.once('drain', () => this.wake());
    else this.wake();
  }

  private wake(): void {
    const writers = this.writers;
    this.writers = null;
    if (writers !== null) for (const resume of writers) resume();
  }
}
