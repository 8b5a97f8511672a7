import { randomUUID } from 'node:crypto';
import { ClusterClock } from '@hubbub/cluster';
import { Outbox } from '@hubbub/messages';
import { type EventData, type EventType, subjectOf } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** What is told of an event besides what all have; with an id where the same thing may be told twice. */
type Body<T extends EventType> = Omit<EventData<T>, 'id' | 'timestamp' | 'room_id'> & { readonly id?: string };

/** Tells of an event of a room. `body` is called only where somebody may hear of it. */
export type Tell = <T extends EventType>(type: T, roomId: string, body: () => Body<T>) => void;

/** Where events go: libs/services is one. */
export interface EventSink {
  /** Whether anybody may listen. */
  readonly isHeard: boolean;
  /** At most once, without waiting; never throws. @param dataJson JSON text of `data` */
  publish(type: EventType, key: string, dataJson: string): void;
}

/** Shown what has happened to rooms, once it is stored, at the node that did it. `body` composes it. Must not throw. */
export type RoomEventListener = (type: EventType, roomId: string, body: () => object) => void;

interface Told {
  readonly type: EventType;
  readonly roomId: string;
  readonly body: () => { readonly id?: string };
}

const NOWHERE: EventSink = { isHeard: false, publish: () => undefined };

/**
 * Events of rooms, for services; each told by one node of the cluster, the one that did it. Those that belong to stored
 * rows are told within their transaction: with JetStream they leave through the outbox, otherwise right after the commit.
 */
@Injectable()
export class RoomEvents {
  private sink = NOWHERE;
  private listener: RoomEventListener | null = null;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: ClusterClock,
  ) {}

  publishTo(sink: EventSink): void {
    this.sink = sink;
  }

  /** Shows `listener` all that is told within transactions, whether or not services may hear it. There is one. */
  listen(listener: RoomEventListener): void {
    this.listener = listener;
  }

  /** A transaction that tells of what it stores, of one room: of all of it if it commits, otherwise of nothing. */
  async transaction<T>(work: (manager: EntityManager, tell: Tell) => Promise<T>): Promise<T> {
    let told: Told[] = [];
    const result = await this.database.transaction(async (manager) => {
      // A transaction may be run again.
      told = [];
      const done = await work(manager, (type, roomId, body) => told.push({ type, roomId, body }));
      // At the end, as it takes the room's lock.
      for (const event of told) await this.keep(manager, event);
      return done;
    });
    this.stored(told);
    return result;
  }

  /** Tells of what belongs to a stored row, and was done without a transaction of its own. */
  async record<T extends EventType>(type: T, roomId: string, body: () => Body<T>): Promise<void> {
    if (this.outbox.enabled) await this.transaction(async (_, tell) => tell(type, roomId, body));
    else this.tell(type, roomId, body);
  }

  /** Tells of what no row says: at most once. Never throws. */
  readonly tell: Tell = (type, roomId, body) => {
    if (this.sink.isHeard) this.sink.publish(type, roomId, this.encode(roomId, body()).text);
  };

  private async keep(manager: EntityManager, { type, roomId, body }: Told): Promise<void> {
    if (!this.outbox.enabled) return;
    const { id, timestamp, text } = this.encode(roomId, body());
    const subject = subjectOf(type, roomId);
    await this.outbox.put(manager, { subject, payload: text, messageId: id, roomId, createdAt: timestamp });
  }

  private stored(told: readonly Told[]): void {
    if (told.length === 0) return;
    if (this.listener !== null) for (const { type, roomId, body } of told) this.listener(type, roomId, body);
    if (this.outbox.enabled) return this.outbox.written();
    if (!this.sink.isHeard) return;
    for (const { type, roomId, body } of told) this.sink.publish(type, roomId, this.encode(roomId, body()).text);
  }

  private encode(roomId: string, body: { readonly id?: string }): { id: string; timestamp: number; text: string } {
    const id = body.id ?? randomUUID();
    const timestamp = this.clock.now();
    return { id, timestamp, text: JSON.stringify({ id, timestamp, room_id: roomId, ...body }) };
  }
}
