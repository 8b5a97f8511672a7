import { HubbubError } from '@hubbub/protocol';
import type { LogPlaces } from './log-places.js';
import { isRoomEntry, type NewEntry, type Outcome } from './message-store.js';
import type { NewDirectMessage, NewRoomMessage } from './messages.js';

/** A log that the batch has locked. */
export interface LockedLog {
  readonly id: number;
  readonly epoch: string;
  readonly head: number;
}

/** What is known of a batch whose logs are locked. */
export interface BatchState {
  /** In the order of `LogPlaces.owners`; undefined for a room that is unknown. */
  readonly logs: readonly (LockedLog | undefined)[];
  /** By entry, the message that its key stands for already. */
  readonly firstUses: ReadonlyMap<NewEntry, { readonly seq: number; readonly timestamp: number }>;
  /** Direct messages that the target does not want. */
  readonly blocked: ReadonlySet<NewEntry>;
}

/** An entry with its number in one log. */
export interface Numbered<Entry extends NewEntry> {
  readonly entry: Entry;
  readonly logId: number;
  readonly seq: number;
}

/** What a batch becomes: rows to insert, heads to write, and what the senders are told. */
export interface NumberedBatch {
  readonly outcomes: readonly Outcome[];
  readonly room: readonly Numbered<NewRoomMessage>[];
  readonly inbox: readonly (Numbered<NewDirectMessage> & { readonly peerId: string })[];
  /** Those of both that have a key, in the log that the key belongs to. */
  readonly keyed: readonly Numbered<NewEntry>[];
  /** By the id of the log. */
  readonly heads: ReadonlyMap<number, number>;
}

/** Gives the entries their numbers, in order, as one node at a time does for each log. Pure. */
export function numberBatch(
  batch: readonly NewEntry[],
  places: LogPlaces,
  { logs, firstUses, blocked }: BatchState,
  now: number,
): NumberedBatch {
  const numbered = {
    room: [] as Numbered<NewRoomMessage>[],
    inbox: [] as (Numbered<NewDirectMessage> & { peerId: string })[],
    keyed: [] as Numbered<NewEntry>[],
    heads: new Map<number, number>(),
  };
  const next = <Entry extends NewEntry>(entry: Entry, { id, head }: LockedLog): Numbered<Entry> => {
    const seq = (numbered.heads.get(id) ?? head) + 1;
    numbered.heads.set(id, seq);
    return { entry, logId: id, seq };
  };

  const outcomes = batch.map((entry): Outcome => {
    const log = logs[places.own(entry)];
    if (log === undefined) return new HubbubError(isRoomEntry(entry) ? 'RoomNotFound' : 'ServerError');
    const { epoch } = log;
    if (isRoomEntry(entry) && (entry.epoch ?? epoch) !== epoch) return new HubbubError('RoomNotFound');
    const none = isRoomEntry(entry) ? {} : { targetSeq: null };
    const first = firstUses.get(entry);
    if (first !== undefined) return { ...first, epoch, duplicate: true, ...none };
    const own = next(entry, log);
    if (entry.idempotencyKey !== undefined) numbered.keyed.push(own);
    const appended = { seq: own.seq, epoch, timestamp: now, duplicate: false };
    if (isRoomEntry(entry)) {
      numbered.room.push({ ...own, entry });
      return appended;
    }
    numbered.inbox.push({ ...own, entry, peerId: entry.targetId });
    const targets = logs[places.target(entry)];
    if (entry.targetId === entry.senderId || blocked.has(entry) || targets === undefined)
      return { ...appended, ...none };
    const copy = next(entry, targets);
    numbered.inbox.push({ ...copy, peerId: entry.senderId });
    return { ...appended, targetSeq: copy.seq };
  });
  return { outcomes, ...numbered };
}
