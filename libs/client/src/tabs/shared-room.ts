import type { ReplyData, Room, RoomMessage } from '@hubbub/protocol';
import type { Tab } from './tab.js';

/** What has come for a tab that is being told of the room it enters. */
interface Entering {
  readonly messages: RoomMessage[];
  /** Other pushes, as text. */
  readonly others: string[];
}

/** A room that the shared connection is in: which tabs are, and up to where they have its messages. */
export class SharedRoom {
  readonly members = new Set<Tab>();
  private readonly entering = new Map<Tab, Entering>();
  readonly epoch: string;
  private info: Room;
  /** All members have been handed everything up to here. */
  private last: number;

  constructor({ epoch, seq, room }: ReplyData<'join_room'>) {
    this.epoch = epoch;
    this.last = seq;
    this.info = room;
  }

  get head(): number {
    return this.last;
  }

  get room(): Room {
    return this.info;
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.entering.size === 0;
  }

  /** Whether others than `tab` are here. */
  hasOthers(tab: Tab): boolean {
    return this.members.size + this.entering.size > (this.members.has(tab) || this.entering.has(tab) ? 1 : 0);
  }

  /** From now on what comes is kept for `tab`, until `admit`. */
  begin(tab: Tab): void {
    this.entering.set(tab, { messages: [], others: [] });
  }

  /** Kept for `tab` so far, in order. */
  keptFor(tab: Tab): readonly RoomMessage[] {
    return this.entering.get(tab)?.messages ?? [];
  }

  /** `tab` was told of everything up to `head`: it gets the rest of what was kept, and is a member. */
  admit(tab: Tab): void {
    const kept = this.entering.get(tab);
    this.entering.delete(tab);
    if (!tab.isOpen) return;
    this.members.add(tab);
    for (const text of kept?.others ?? []) tab.send(text);
  }

  remove(tab: Tab): void {
    this.members.delete(tab);
    this.entering.delete(tab);
  }

  /** A message that was pushed, or the one of `sender`, who has the answer. */
  deliver(message: RoomMessage, text: string, sender: Tab | null): void {
    const isKept = message.seq !== undefined;
    if (isKept) this.last = Math.max(this.last, message.seq as number);
    for (const tab of this.members) if (tab !== sender) tab.send(text, isKept);
    // Nothing that is not kept belongs to what one comes back to.
    if (isKept) for (const { messages } of this.entering.values()) messages.push(message);
  }

  /** Any other push of the room. */
  tell(type: string, data: unknown, text: string): void {
    if (type === 'room_updated') this.info = (data as { room: Room }).room;
    for (const tab of this.members) tab.send(text);
    // The list of members that they will be told is younger.
    if (type !== 'presence') for (const { others } of this.entering.values()) others.push(text);
  }
}
