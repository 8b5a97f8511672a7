import { HoleRepairs, type LoggedMessage, UnderWay } from '@hubbub/messages';
import { type Connection, type Deferred, Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { decodeMessageNote, encodeMessageNotes } from './message-notes.js';
import { RoomChannels } from './room-channels.js';
import { RoomFeed } from './room-feed.js';
import type { RoomInfo } from './room-info.js';

/** Messages between the nodes of a room: of what was posted here the others are told, theirs go to the members here. */
@Injectable()
export class RoomExchange implements OnModuleInit {
  /** Of the commit whose answers are being given: one note a room carries them. */
  private readonly outgoing = new Map<string, LoggedMessage[]>();

  constructor(
    private readonly feed: RoomFeed,
    private readonly channels: RoomChannels,
    private readonly underWay: UnderWay,
    private readonly repairs: HoleRepairs,
  ) {}

  /** Whether there may be other nodes. */
  get isShared(): boolean {
    return this.feed.shared;
  }

  onModuleInit(): void {
    this.feed.onText('message', (roomId, note) => this.received(roomId, note));
    this.feed.onText('pass', (roomId, note) => this.passed(roomId, note));
    this.feed.onText('pass_except', (roomId, note) => {
      const end = note.indexOf('\n');
      this.passed(roomId, note.slice(end + 1), JSON.parse(note.slice(0, end)) as string[]);
    });
  }

  /**
   * A connection of this node stores a message, until the answer is resolved. Null where a hole has nothing that is under way: a node
   * alone on SQLite learns of a number when it is settled.
   */
  begin(roomId: string, senderId: string): Deferred<void> | null {
    return this.repairs.mayBeNeeded ? this.underWay.begin(roomId, senderId) : null;
  }

  /** Tells the other nodes of a message that was stored. */
  tell(message: LoggedMessage): void {
    if (!this.isShared) return;
    if (this.outgoing.size === 0) queueMicrotask(() => this.flush());
    const messages = this.outgoing.get(message.roomId);
    // Of a room that was deleted and made again: not in one note.
    if (messages !== undefined && messages[0]?.epoch === message.epoch) messages.push(message);
    else {
      this.publish(message.roomId, messages ?? []);
      this.outgoing.set(message.roomId, [message]);
    }
  }

  /** Tells the other nodes of a message that nobody keeps. @param exclude users who do not get it */
  tellPassing({ id, epoch }: RoomInfo, push: Push, exclude: readonly string[]): void {
    const note = `${epoch}\n${push.dataJson}`;
    if (exclude.length === 0) this.feed.publishText(id, 'pass', note);
    else this.feed.publishText(id, 'pass_except', `${JSON.stringify(exclude)}\n${note}`);
  }

  private flush(): void {
    for (const [roomId, messages] of this.outgoing) this.publish(roomId, messages);
    this.outgoing.clear();
  }

  private publish(roomId: string, messages: readonly LoggedMessage[]): void {
    const epoch = messages[0]?.epoch;
    if (epoch === undefined) return;
    for (const note of encodeMessageNotes(epoch, messages)) this.feed.publishText(roomId, 'message', note);
  }

  private received(roomId: string, note: string): void {
    const channel = this.channels.get(roomId);
    if (channel === undefined || !note.startsWith(`${channel.epoch}\n`)) return;
    channel.receive(decodeMessageNote(roomId, note));
    this.channels.repair(roomId);
  }

  private passed(roomId: string, note: string, exclude: readonly string[] = []): void {
    const channel = this.channels.get(roomId);
    if (channel === undefined || !note.startsWith(`${channel.epoch}\n`)) return;
    const dataJson = note.slice(channel.epoch.length + 1);
    const encode = () => new Push('room_message', dataJson, { droppable: true });
    channel.pass(encode, null, nothing, omitting(exclude));
  }
}

/** Whether a connection is one of those users'; null where nobody is left out. */
export function omitting(userIds: readonly string[]): ((connection: Connection) => boolean) | null {
  if (userIds.length === 0) return null;
  const omitted = new Set(userIds);
  return ({ identity }) => identity !== null && omitted.has(identity.userId);
}

function nothing(): void {
  // Its sender is at another node.
}
