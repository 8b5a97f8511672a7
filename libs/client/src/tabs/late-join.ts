import type { CommandData, ReplyData, RoomMessage } from '@hubbub/protocol';
import type { InboundFrame } from '../command-entry.js';
import type { Calls } from './calls.js';
import type { SharedRoom } from './shared-room.js';
import type { Tab } from './tab.js';

type Since = NonNullable<CommandData<'join_room'>['since']>;
type Past = Pick<ReplyData<'join_room'>, 'recovered' | 'messages'>;

/** Most missed messages that are told with the answer, as `history.recover_max` is by default, and a page of them. */
const RECOVER_MAX = 1000;
const PAGE = 200;
const HISTORY = 50;
const MEMBERS = 100;

/**
 * Tells a tab of a room that the connection is in already, as the server would tell it: `told` gets the data of
 * `room_joined`, in the turn from which on the tab is due everything else; `refused` the error that something was answered with.
 */
export class LateJoin {
  private readonly since: Since | undefined;
  private readonly history: number | undefined;

  constructor(
    private readonly calls: Calls,
    private readonly room: SharedRoom,
    private readonly tab: Tab,
    data: CommandData<'join_room'>,
    private readonly told: (reply: ReplyData<'join_room'>) => void,
    private readonly refused: (error: InboundFrame) => void,
  ) {
    this.since = data.since?.epoch === room.epoch ? data.since : undefined;
    this.history = data.history;
  }

  begin(): void {
    const { since, room } = this;
    room.begin(this.tab);
    if (room.room.history === 'none') this.finish(() => ({ recovered: false, messages: [] }));
    else if (since === undefined || since.seq > room.head) this.readLatest();
    else this.readMissed(since, []);
  }

  /** Page after page; what comes as a push meanwhile is kept. */
  private readMissed(since: Since, read: readonly RoomMessage[]): void {
    const { head } = this.room;
    const after = read.at(-1)?.seq ?? since.seq;
    if (head - since.seq > RECOVER_MAX) return this.readLatest();
    if (after >= head) return this.recover(since, read);
    this.read('room_history', { after, limit: PAGE }, (reply) => {
      const { messages } = reply as ReplyData<'room_history'>;
      // Without any, the rest of it is kept no more.
      if (messages.length === 0) this.readLatest();
      else this.readMissed(since, [...read, ...messages]);
    });
  }

  private recover(since: Since, read: readonly RoomMessage[]): void {
    this.finish((head) => {
      const messages = this.upTo(head, read).filter(({ seq = 0 }) => seq > since.seq);
      return messages.length === head - since.seq ? { recovered: true, messages } : null;
    });
  }

  private readLatest(): void {
    const { history = HISTORY } = this;
    const compose = (read: readonly RoomMessage[]) => (head: number) => ({
      recovered: false,
      messages: history === 0 ? [] : this.upTo(head, read).slice(-history),
    });
    if (history === 0) return this.finish(compose([]));
    this.read('room_history', { limit: history }, (reply) => {
      this.finish(compose((reply as ReplyData<'room_history'>).messages));
    });
  }

  /** @param compose what to tell of the past, up to where that goes; null if it cannot be told whole */
  private finish(compose: (head: number) => Past | null): void {
    this.read('room_members', { limit: MEMBERS }, (reply) => {
      const { head, room, epoch } = this.room;
      const past = compose(head);
      if (past === null) return this.readLatest();
      const { members, member_count } = reply as ReplyData<'room_members'>;
      this.told({
        room_id: room.id,
        status: 'joined',
        room: { ...room, member_count },
        epoch,
        seq: head,
        missed: this.since === undefined ? 0 : Math.max(0, head - this.since.seq),
        members,
        member_count,
        ...past,
      });
    });
  }

  private read(type: string, data: object, then: (reply: unknown) => void): void {
    this.calls.ask(type, { room_id: this.room.room.id, ...data }, (frame) => {
      if (frame.message_type === 'error') this.refused(frame);
      else then(frame.data);
    });
  }

  /** What was read and what came since, each once, in order. Above `head` it will come as a push. */
  private upTo(head: number, read: readonly RoomMessage[]): RoomMessage[] {
    const bySeq = new Map<number, RoomMessage>();
    for (const message of [...this.room.keptFor(this.tab), ...read]) {
      const { seq } = message;
      if (seq !== undefined && seq <= head) bySeq.set(seq, { ...message, historic: true });
    }
    return [...bySeq.values()].sort((a, b) => (a.seq as number) - (b.seq as number));
  }
}
