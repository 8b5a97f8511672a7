import { HubbubError } from '@hubbub/protocol';
import { IDEMPOTENCY_KEPT_MS, isRoomEntry, type NewEntry, type Outcome } from '../message-store.js';
import type { InboxMessage, LoggedMessage, NewDirectMessage, NewRoomMessage } from '../messages.js';

interface RoomLog {
  readonly epoch: string;
  readonly messages: LoggedMessage[];
  readonly keys: Map<string, LoggedMessage>;
}

interface InboxLog {
  readonly messages: InboxMessage[];
  readonly keys: Map<string, InboxMessage>;
}

/** What a MessageStore keeps, in a few lines over arrays: to compare with. */
export class LogModel {
  readonly rooms = new Map<string, RoomLog>();
  readonly inboxes = new Map<string, InboxLog>();
  readonly blocks = new Set<string>();

  constructor(private readonly inboxEpoch: string) {}

  make(roomId: string, epoch: string): void {
    this.rooms.set(roomId, { epoch, messages: [], keys: new Map() });
  }

  block(userId: string, blockedId: string, blocked: boolean): void {
    const pair = JSON.stringify([userId, blockedId]);
    if (blocked) this.blocks.add(pair);
    else this.blocks.delete(pair);
  }

  append(batch: readonly NewEntry[], now: number): Outcome[] {
    return batch.map((entry) => (isRoomEntry(entry) ? this.post(entry, now) : this.send(entry, now)));
  }

  private post(entry: NewRoomMessage, timestamp: number): Outcome {
    const room = this.rooms.get(entry.roomId);
    if (room === undefined) return new HubbubError('RoomNotFound');
    const { epoch, messages, keys } = room;
    const { idempotencyKey, ...message } = entry;
    const first = known(keys, [entry.senderId, idempotencyKey], timestamp);
    if (first !== undefined) return { seq: first.seq, epoch, timestamp: first.timestamp, duplicate: true };
    const logged = { ...message, epoch, seq: messages.length + 1, timestamp, redacted: false };
    messages.push(logged);
    keys.set(JSON.stringify([entry.senderId, idempotencyKey]), logged);
    return { seq: logged.seq, epoch, timestamp, duplicate: false };
  }

  private send({ idempotencyKey, ...message }: NewDirectMessage, timestamp: number): Outcome {
    const { senderId, targetId } = message;
    const epoch = this.inboxEpoch;
    const own = this.inbox(senderId);
    const first = known(own.keys, [targetId, idempotencyKey], timestamp);
    if (first !== undefined) {
      return { seq: first.seq, epoch, timestamp: first.timestamp, duplicate: true, targetSeq: null };
    }
    const kept = { ...message, seq: own.messages.length + 1, timestamp };
    own.messages.push(kept);
    own.keys.set(JSON.stringify([targetId, idempotencyKey]), kept);
    const isUnwanted = targetId === senderId || this.blocks.has(JSON.stringify([targetId, senderId]));
    const targetSeq = isUnwanted ? null : this.inbox(targetId).messages.length + 1;
    if (targetSeq !== null) this.inbox(targetId).messages.push({ ...kept, seq: targetSeq });
    return { seq: kept.seq, epoch, timestamp, duplicate: false, targetSeq };
  }

  private inbox(userId: string): InboxLog {
    const inbox = this.inboxes.get(userId) ?? { messages: [], keys: new Map() };
    this.inboxes.set(userId, inbox);
    return inbox;
  }
}

function known<Message extends { readonly timestamp: number }>(
  keys: ReadonlyMap<string, Message>,
  [scope, key]: readonly [string, string | undefined],
  now: number,
): Message | undefined {
  const first = key === undefined ? undefined : keys.get(JSON.stringify([scope, key]));
  return first !== undefined && first.timestamp > now - IDEMPOTENCY_KEPT_MS ? first : undefined;
}
