import { randomBytes } from 'node:crypto';
import { HubbubError, type Subject, subjectKey, syncSubject } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import { assertFits } from '../assert-fits.js';
import {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  MAX_PAYLOAD_BYTES,
  type RequestOptions,
  type Subscription,
} from '../bus.js';
import { Gathering } from '../gathering.js';
import { Backlog } from './backlog.js';
import type { BrokerLink } from './broker-link.js';
import { Pulse } from './pulse.js';
import { type AnswerHead, decodeFrame, encodeFrame, type RequestHead } from './request-frame.js';
import { Subscribers } from './subscribers.js';

/** Longest wait for the broker's word that a subscription is in force, and for the first connection. */
const PATIENCE_MS = 1000;
const HEAD_BYTES = 1024;
const NOTHING = new Uint8Array();

/** The bus over any broker: subscribers, requests, bounds and health; what differs between brokers is the link's. */
export class BrokerBus extends Bus {
  private readonly logger = new Logger(BrokerBus.name);
  protected readonly subscribers = new Subscribers((error, subject) =>
    this.logger.error({ msg: 'bus subscriber failed', subject, err: error }),
  );
  private readonly inForce = new Map<string, Promise<unknown>>();
  private readonly responders = new Map<string, BusResponder>();
  private readonly gatherings = new Map<number, Gathering>();
  private readonly reconnectListeners = new Set<() => void>();
  private readonly replyTo: Subject;
  private replies: Promise<Subscription> | undefined;
  private readonly backlog: Backlog;
  private readonly pulse: Pulse;
  private requests = 0;
  /** Connected, and the broker answers. */
  private isWhole = false;
  /** Whether somebody was let down: told that the bus is away, or not waited with for a subscription. */
  private hasMissed = false;
  private closing: Promise<void> | undefined;
  /** Until the first attempt to connect is over, one way or the other. */
  private opening: Promise<void> | undefined;
  private endOpening: () => void = () => {};

  constructor(
    private readonly nodeId: string,
    private readonly link: BrokerLink,
  ) {
    super();
    this.replyTo = syncSubject(`reply.${subjectKey(nodeId)}-${randomBytes(6).toString('hex')}`);
    this.backlog = new Backlog(() => link.ping());
    this.pulse = new Pulse(() => link.ping(), {
      alive: () => this.whole(),
      stalled: () => this.impaired('the broker does not answer'),
      lost: () => link.reset(),
    });
    link.open({
      up: () => this.pulse.restart(),
      down: (reason) => this.impaired(reason),
      message: (pattern, subject, payload) => {
        if (this.closing === undefined) this.subscribers.deliver(pattern, subject, payload);
      },
    });
    this.opening = this.open();
  }

  private async open(): Promise<void> {
    await within(PATIENCE_MS, new Promise<void>((resolve) => (this.endOpening = resolve)));
    this.opening = undefined;
    if (!this.isWhole && !this.hasMissed) this.impaired('the broker does not answer');
  }

  /** Waits for the broker, but not for long: a node starts without it, too. */
  async opened(): Promise<this> {
    await this.opening;
    return this;
  }

  get maxPayloadBytes(): number {
    return Math.min(MAX_PAYLOAD_BYTES, this.link.maxFrameBytes - HEAD_BYTES);
  }

  publish(subject: Subject, payload: Uint8Array): void {
    assertFits(payload, this.maxPayloadBytes);
    this.send(subject, payload);
  }

  async subscribe(subject: Subject, handler: BusHandler): Promise<Subscription> {
    this.assertOpen();
    const { isFirst, remove } = this.subscribers.add(subject, handler);
    // A rejection tells of a lost connection: the link subscribes again with the next one.
    if (isFirst)
      this.inForce.set(
        subject,
        this.link.subscribe(subject).catch(() => (this.hasMissed = true)),
      );
    await this.opening;
    if (!this.isWhole || !(await within(PATIENCE_MS, this.inForce.get(subject)))) this.hasMissed = true;
    return {
      unsubscribe: async () => {
        if (!remove().wasLast || this.closing !== undefined) return;
        this.inForce.delete(subject);
        this.link.unsubscribe(subject);
      },
    };
  }

  async request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered> {
    this.assertOpen();
    assertFits(payload, this.maxPayloadBytes);
    const id = ++this.requests;
    const gathering = new Gathering(options);
    this.gatherings.set(id, gathering);
    const own = this.answerOneself(subject, payload, gathering);
    try {
      await (this.replies ??= this.subscribe(this.replyTo, (bytes) => this.receiveAnswer(bytes)));
      this.send(subject, encodeFrame({ id, replyTo: this.replyTo }, payload));
    } catch {
      // Nobody else is asked, so nobody else is waited for.
      void own.then(() => gathering.end());
    }
    return gathering.result.finally(() => this.gatherings.delete(id));
  }

  async respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    const subscription = await this.subscribe(subject, (bytes) => {
      const { head, payload } = decodeFrame<RequestHead>(bytes);
      if (head.replyTo !== this.replyTo) void this.answer(responder, head, payload);
    });
    this.responders.set(subject, responder);
    return {
      unsubscribe: () => {
        if (this.responders.get(subject) === responder) this.responders.delete(subject);
        return subscription.unsubscribe();
      },
    };
  }

  health(): BusHealth {
    const isAway = this.closing !== undefined || !this.link.isConnected;
    return { type: this.link.type, status: isAway ? 'down' : this.isWhole ? 'up' : 'degraded' };
  }

  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }

  close(): Promise<void> {
    return (this.closing ??= this.shut());
  }

  private async shut(): Promise<void> {
    this.endOpening();
    this.pulse.stop();
    this.subscribers.clear();
    this.responders.clear();
    this.reconnectListeners.clear();
    for (const gathering of this.gatherings.values()) gathering.abandon();
    // What was published last is on its way before the connection ends.
    if (this.isWhole)
      await within(
        PATIENCE_MS,
        this.link.ping().catch(() => undefined),
      );
    await this.link.close();
  }

  /** @throws HubbubError ServerError */
  private send(subject: Subject, bytes: Uint8Array): void {
    this.assertOpen();
    if (!this.link.isConnected) {
      this.hasMissed = true;
      throw new HubbubError('ServerError', { message: 'The bus is not connected.' });
    }
    this.backlog.add(bytes.length);
    this.link.publish(subject, bytes);
  }

  private async answerOneself(subject: Subject, payload: Uint8Array, gathering: Gathering): Promise<void> {
    const responder = this.responders.get(subject);
    if (responder === undefined) return;
    try {
      gathering.answer(this.nodeId, await responder(payload));
    } catch (error) {
      this.logger.error({ msg: 'bus responder failed', err: error });
      gathering.failed(this.nodeId);
    }
  }

  private async answer(responder: BusResponder, { id, replyTo }: RequestHead, payload: Uint8Array): Promise<void> {
    const from = this.nodeId;
    let answer: Uint8Array;
    try {
      const given = await responder(payload);
      assertFits(given, this.maxPayloadBytes);
      answer = encodeFrame({ id, from }, given);
    } catch (error) {
      this.logger.error({ msg: 'bus responder failed', err: error });
      answer = encodeFrame({ id, from, failed: true }, NOTHING);
    }
    try {
      this.send(replyTo as Subject, answer);
    } catch (error) {
      // Who asked counts this node as missing.
      this.logger.debug({ msg: 'bus answer not sent', err: error });
    }
  }

  private receiveAnswer(bytes: Uint8Array): void {
    const { head, payload } = decodeFrame<AnswerHead>(bytes);
    const gathering = this.gatherings.get(head.id);
    if (head.failed) gathering?.failed(head.from);
    else gathering?.answer(head.from, payload);
  }

  private impaired(reason: unknown): void {
    if (this.closing !== undefined) return;
    if (this.isWhole || !this.hasMissed) this.logger.warn({ msg: 'bus away', type: this.link.type, reason });
    this.isWhole = false;
    this.hasMissed = true;
    this.endOpening();
  }

  private whole(): void {
    if (this.closing !== undefined) return;
    this.isWhole = true;
    this.endOpening();
    if (!this.hasMissed) return;
    this.hasMissed = false;
    this.logger.log({ msg: 'bus back', type: this.link.type });
    for (const listener of this.reconnectListeners) {
      try {
        listener();
      } catch (error) {
        this.logger.error({ msg: 'bus reconnect listener failed', err: error });
      }
    }
  }

  private assertOpen(): void {
    if (this.closing !== undefined) throw new HubbubError('ServerError', { message: 'The bus is closed.' });
  }
}

/** @returns whether `work` was done in time */
async function within(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([Promise.resolve(work).then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
