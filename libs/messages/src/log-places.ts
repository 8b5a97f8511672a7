import type { LogKind } from './message.entities.js';
import { isRoomEntry, type NewEntry } from './message-store.js';

/** A log by whose it is. */
export interface LogOwner {
  readonly kind: LogKind;
  readonly ownerId: string;
}

/** The logs that a batch writes to, in the order in which every node locks them. */
export class LogPlaces {
  readonly owners: readonly LogOwner[];
  private readonly rooms: Map<string, number>;
  private readonly inboxes: Map<string, number>;

  constructor(batch: readonly NewEntry[]) {
    const [rooms, inboxes] = [new Set<string>(), new Set<string>()];
    for (const entry of batch) {
      if (isRoomEntry(entry)) rooms.add(entry.roomId);
      else inboxes.add(entry.senderId).add(entry.targetId);
    }
    const [roomIds, userIds] = [[...rooms].sort(), [...inboxes].sort()];
    this.rooms = new Map(roomIds.map((id, at) => [id, at]));
    this.inboxes = new Map(userIds.map((id, at) => [id, roomIds.length + at]));
    this.owners = [
      ...roomIds.map((ownerId) => ({ kind: 'room' as const, ownerId })),
      ...userIds.map((ownerId) => ({ kind: 'inbox' as const, ownerId })),
    ];
  }

  /** Where in `owners` the log is that the entry is numbered in: its room, or the inbox of its sender. */
  own(entry: NewEntry): number {
    return (isRoomEntry(entry) ? this.rooms.get(entry.roomId) : this.inboxes.get(entry.senderId)) as number;
  }

  /** Where the inbox of the target is; -1 of a room message. */
  target(entry: NewEntry): number {
    return isRoomEntry(entry) ? -1 : (this.inboxes.get(entry.targetId) as number);
  }
}
