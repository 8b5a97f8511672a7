import { randomBytes } from 'node:crypto';
import { Bus } from '@hubbub/bus';
import { ClusterClock } from '@hubbub/cluster';
import { Metrics } from '@hubbub/observability';
import { type EventData, type EventType, type Subject, subjectOf } from '@hubbub/protocol';
import type { EventSink } from '@hubbub/rooms';
import { Injectable } from '@nestjs/common';
import { encodePacket } from './packet.js';

/** What all events about users and connections begin with on the bus. */
const HEAD = 'hubbub.evt';

/** Publishes events for services as Nest packets: at most once, at once, and without a word to whoever tells of them. */
@Injectable()
export class Events implements EventSink {
  /** Of this process: its events are numbered. */
  private readonly series = randomBytes(9).toString('base64url');
  private count = 0;

  constructor(
    private readonly bus: Bus,
    private readonly metrics: Metrics,
    private readonly clock: ClusterClock,
  ) {}

  get isHeard(): boolean {
    return this.bus.hears(HEAD);
  }

  /** Tells of an event that no row says. Look at `isHeard` before composing one for every command. */
  tell<T extends EventType>(type: T, key: string, body: Omit<EventData<T>, 'id' | 'timestamp'>): void {
    if (!this.isHeard) return;
    const head = `{"id":"${this.series}-${++this.count}","timestamp":${this.clock.now()},`;
    this.publish(type, key, head + JSON.stringify(body).slice(1));
  }

  publish(type: EventType, key: string, dataJson: string): void {
    this.send(subjectOf(type, key), dataJson);
  }

  send(subject: Subject, dataJson: string): void {
    try {
      this.bus.publish(subject, Buffer.from(encodePacket(subject, dataJson)));
      this.metrics.eventsPublished.inc();
    } catch {
      // The bus counts what it does not take, and health says so.
    }
  }
}
