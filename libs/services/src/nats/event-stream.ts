import { subjectOf } from '@hubbub/protocol';
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { AckInbox } from './ack-inbox.js';

export const STREAM = 'HUBBUB_EVENTS';
const SUBJECTS = ['hubbub.evt.>'];
const NANOS_PER_S = 1_000_000_000;
const DAY_S = 24 * 60 * 60;
/** The stream as it is made. What an operator changes of it, other than the subjects, stays. */
const CONFIG = {
  name: STREAM,
  subjects: SUBJECTS,
  description: 'Events of Hubbub, for services',
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  storage: StorageType.File,
  max_age: 7 * DAY_S * NANOS_PER_S,
  duplicate_window: 120 * NANOS_PER_S,
};

const ACK_MS = 5000;
const WRONG_LAST_SEQUENCE = 10_071;

/** What the stream said to a message. */
export type Published =
  /** It has it, as its message `seq`; perhaps from an earlier attempt. */
  | { readonly seq: number }
  /** The last message of the subject is another one than was said: nothing was stored. */
  | 'outrun';

interface PubAck {
  readonly seq?: number;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/** The stream that keeps events. */
export class EventStream {
  private readonly acks: AckInbox;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
  ) {
    this.acks = new AckInbox(connection, ACK_MS);
  }

  /** Makes the stream if there is none. @throws Error if there is no JetStream, or it does not take the stream */
  static async open(connection: NatsConnection): Promise<EventStream> {
    const manager = await jetstreamManager(connection);
    const found = await manager.streams.info(STREAM).catch(ifNone);
    if (found === null) await manager.streams.add(CONFIG);
    else if (!SUBJECTS.every((subject) => found.config.subjects?.includes(subject))) {
      await manager.streams.update(STREAM, { subjects: [...(found.config.subjects ?? []), ...SUBJECTS] });
    }
    return new EventStream(connection, manager);
  }

  /** Largest message that the server takes, headers included. */
  get maxBytes(): number {
    return this.connection.info?.max_payload ?? 0;
  }

  /**
   * Appends a message to its subject, exactly behind the one that its publisher believes to be the last: of two who publish
   * the same at the same time one is told that it was outrun.
   * @param after sequence of the last message of the subject; 0 if it has none
   * @throws Error if it is not known whether the stream has it
   */
  async publish(subject: string, payload: string, { id, after }: { id: string; after: number }): Promise<Published> {
    const head = headers();
    head.set('Nats-Msg-Id', id);
    head.set('Nats-Expected-Last-Subject-Sequence', `${after}`);
    const { seq, error } = JSON.parse(await this.acks.publish(subject, payload, head)) as PubAck;
    if (error?.err_code === WRONG_LAST_SEQUENCE) return 'outrun';
    if (error !== undefined || seq === undefined) throw new Error(error?.description ?? 'no acknowledgement');
    return { seq };
  }

  /** The last message of a subject; null if it has none. */
  async last(subject: string): Promise<{ readonly seq: number; readonly id: string } | null> {
    const found = await this.manager.streams.getMessage(STREAM, { last_by_subj: subject });
    return found === null ? null : { seq: found.seq, id: found.header.get('Nats-Msg-Id') };
  }

  /**
   * Removes a room message, and overwrites what it was on the disk. Nothing happens if the stream does not have it, or has
   * it without content. The messages of a room are in the order of their numbers, those of an earlier namesake before them.
   */
  async erase(roomId: string, epoch: string, seq: number): Promise<void> {
    const subject = subjectOf('room_message', roomId);
    const { state } = await this.manager.streams.info(STREAM);
    let low = state.first_seq;
    let high = state.last_seq;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const found = await this.next(subject, middle);
      if (found === null || (found.epoch === epoch && found.number > seq)) high = middle - 1;
      else if (found.epoch !== epoch || found.number < seq) low = found.at + 1;
      else {
        if (!found.redacted) await this.manager.streams.deleteMessage(STREAM, found.at, true);
        return;
      }
    }
  }

  close(): void {
    this.acks.close();
  }

  /** The first message of a room at or behind a place in the stream. */
  private async next(subject: string, from: number) {
    const found = await this.manager.streams.getMessage(STREAM, { seq: from, next_by_subj: subject } as {
      seq: number;
    });
    if (found === null) return null;
    const { data } = found.json<{ data: { epoch: string; seq: number; redacted?: boolean } }>();
    return { at: found.seq, epoch: data.epoch, number: data.seq, redacted: data.redacted === true };
  }
}

function ifNone(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === 10_059) return null;
  throw error;
}
