import { JetStreamApiError, jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';

/** Keeps what services gave up. */
export const DEAD_LETTER_STREAM = 'HUBBUB_DEAD_LETTERS';
const PREFIX = 'hubbub.dead';
const STREAM_NOT_FOUND = 10_059;
const NANOS_PER_DAY = 24 * 60 * 60 * 1_000_000_000;

/**
 * An event that a handler could not deal with. It points to the event, whose content stays in `HUBBUB_EVENTS` alone, so that a
 * redaction removes all there is of it.
 */
export interface DeadLetter {
  readonly durable: string;
  /** As `Notifier.onMessage`; null where none was called. */
  readonly handler: string | null;
  readonly event_id: string;
  readonly type: string;
  readonly subject: string;
  /** In `HUBBUB_EVENTS`. */
  readonly stream_seq: number;
  readonly attempts: number;
  readonly reason: string;
  readonly timestamp: number;
}

export class DeadLetters {
  private isThere = false;

  constructor(private readonly connection: NatsConnection) {}

  /** Resolves once the stream has it; twice the same is kept once. */
  async keep(letter: DeadLetter): Promise<void> {
    await this.makeStream();
    const subject = `${PREFIX}.${letter.durable}.${letter.type}`;
    const head = headers();
    head.set('Nats-Msg-Id', `${letter.durable}:${letter.handler}:${letter.stream_seq}`);
    const packet = JSON.stringify({ pattern: subject, data: letter });
    await jetstream(this.connection).publish(subject, packet, { headers: head });
  }

  private async makeStream(): Promise<void> {
    if (this.isThere) return;
    const { streams } = await jetstreamManager(this.connection, { checkAPI: false });
    const found = await streams.info(DEAD_LETTER_STREAM).catch(ifNone);
    if (found === null) {
      await streams.add({
        name: DEAD_LETTER_STREAM,
        subjects: [`${PREFIX}.>`],
        description: 'Events of Hubbub that services could not deal with',
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        max_age: 30 * NANOS_PER_DAY,
      });
    }
    this.isThere = true;
  }
}

function ifNone(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
  throw error;
}
