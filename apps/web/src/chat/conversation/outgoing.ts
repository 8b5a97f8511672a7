import { CommandError, type HubbubClient, type OutboxEvent } from '@hubbub/client';
import type { Target } from '../state/target.js';
import type { Outgoing } from './entries.js';
import type { Handed, KeptTexts } from './kept-texts.js';

/** How long the gateway knows the key of a message (PROTOCOL §7): older ones might be stored twice. */
const KEYS_KNOWN_MS = 24 * 60 * 60_000;

/** What is shown of the outbox in one conversation, and sending into it. */
export class OutgoingMessages {
  /** Stored, and not come to their place in the timeline yet. */
  private readonly stored = new Map<string, Outgoing & { seq: number }>();
  /** Those that the outbox did not take. */
  private readonly refused = new Map<string, Handed & { error: CommandError }>();
  /** Numbers of what was sent from here. */
  readonly sentKeys = new Map<number, string>();
  /** Until then, what is sent waits behind what an earlier page has left. */
  private isResumed = false;
  private readonly stop: () => void;

  constructor(
    private readonly client: HubbubClient,
    private readonly target: Target,
    private readonly texts: KeptTexts,
    private readonly changed: () => void,
  ) {
    this.stop = client.on('outbox', (event) => this.heard(event));
  }

  /** @param isPast whether the timeline has come to a number */
  list(isPast: (seq: number) => boolean): Outgoing[] {
    const shown: Outgoing[] = [];
    const inOutbox = new Set<string>();
    for (const [key, entry] of this.stored) {
      if (isPast(entry.seq)) this.stored.delete(key);
      else shown.push(entry);
    }
    for (const { key, type, target, content, createdAt, state, error } of this.client.outbox.entries()) {
      if (type !== this.type || target !== this.target.id) continue;
      inOutbox.add(key);
      const delivery = state === 'failed' && error ? ({ state, error } as const) : SENDING;
      shown.push({ key, content, createdAt, delivery });
    }
    for (const { key, text, at } of this.isResumed ? [] : this.texts.handed) {
      if (!inOutbox.has(key)) shown.push({ key, content: { text }, createdAt: at, delivery: SENDING });
    }
    for (const { key, text, at, error } of this.refused.values()) {
      shown.push({ key, content: { text }, createdAt: at, delivery: { state: 'failed', error } });
    }
    return shown;
  }

  send(text: string): void {
    const handed = { key: newKey(), text, at: Date.now() };
    this.texts.hand(handed);
    if (this.isResumed) this.give(handed);
    else this.changed();
  }

  /**
   * Sends what was on its way to the outbox when the page was left, with the keys it had: nothing is lost, and what the
   * outbox had taken after all is not stored twice. What was written here meanwhile follows.
   */
  resume(): void {
    if (this.isResumed) return;
    this.isResumed = true;
    const inOutbox = new Set(this.client.outbox.entries().map(({ key }) => key));
    for (const handed of this.texts.handed) {
      if (inOutbox.has(handed.key)) this.texts.drop(handed.key);
      else if (Date.now() - handed.at < KEYS_KNOWN_MS) this.give(handed);
      else
        this.refused.set(handed.key, {
          ...handed,
          error: new CommandError('Expired', { message: 'Not sent in time.' }),
        });
    }
    this.changed();
  }

  retry(key: string): void {
    const refused = this.refused.get(key);
    this.refused.delete(key);
    if (refused) this.give(refused);
    else this.client.outbox.retry(key);
    this.changed();
  }

  discard(key: string): void {
    this.refused.delete(key);
    this.texts.drop(key);
    this.client.outbox.discard(key);
    this.changed();
  }

  dispose(): void {
    this.stop();
  }

  private get type(): 'room_message' | 'direct_message' {
    return this.target.kind === 'room' ? 'room_message' : 'direct_message';
  }

  private give(handed: Handed): void {
    const { kind, id } = this.target;
    const { key, text } = handed;
    const options = { idempotencyKey: key };
    const sent =
      kind === 'room' ? this.client.room(id).send({ text }, options) : this.client.sendDirect(id, { text }, options);
    // What becomes of it is told by the outbox; here is left what that did not take at all.
    sent.catch((error: unknown) => {
      if (this.client.outbox.entries().some((entry) => entry.key === key)) return;
      if (!this.texts.handed.some((one) => one.key === key) || !(error instanceof CommandError)) return;
      this.refused.set(key, { ...handed, error });
      this.changed();
    });
    this.changed();
  }

  private heard(event: OutboxEvent): void {
    const { key, type, target, content, createdAt } = event.entry;
    if (type !== this.type || target !== this.target.id) return;
    if (event.event !== 'sent') this.texts.drop(key);
    if (event.event === 'stored' && event.reply.seq !== undefined) {
      const { seq } = event.reply;
      this.sentKeys.set(seq, key);
      this.stored.set(key, { key, content, createdAt, delivery: { state: 'stored' }, seq });
    }
    this.changed();
  }
}

const SENDING = { state: 'sending' } as const;

/** 32 characters; `crypto.randomUUID` is there on secure pages only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
