import type { EventType } from '@hubbub/protocol';
import type { FactStream, HubbubFacts } from '../facts/hubbub-facts.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Keeps what services gave up. */
export const DEAD_LETTER_STREAM = 'HUBBUB_DEAD_LETTERS';
const STREAM: FactStream = {
  name: DEAD_LETTER_STREAM,
  subjects: 'hubbub.dead.>',
  maxAgeMs: 30 * DAY_MS,
  repeatsMs: DAY_MS,
};

/**
 * An event that a handler could not deal with. It points to the event, whose content stays in `HUBBUB_EVENTS` alone, so that a
 * redaction removes all there is of it.
 */
export interface DeadLetter {
  readonly durable: string;
  /** As `Notifier.onMessage`; null where none was called. */
  readonly handler: string | null;
  readonly event_id: string;
  readonly type: EventType;
  readonly subject: string;
  /** In `HUBBUB_EVENTS`. */
  readonly stream_seq: number;
  readonly attempts: number;
  readonly reason: string;
  readonly timestamp: number;
}

/** Resolves once the stream has it; twice the same is kept once. @throws HubbubError ServerError: keep it again */
export async function keepDeadLetter(facts: HubbubFacts, letter: DeadLetter): Promise<void> {
  const { durable, handler, type, stream_seq: place, event_id: event } = letter;
  // The place alone is that of another event where the stream was made anew.
  const id = `${durable}:${handler}:${place}:${event}`;
  await facts.publish(STREAM, { subject: `hubbub.dead.${durable}.${type}`, id, data: letter });
}
