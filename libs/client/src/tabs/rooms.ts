import type { CommandData, PushData, ReplyData, RoomMessage } from '@hubbub/protocol';
import type { InboundFrame } from '../command-entry.js';
import { isRoomPush } from '../events.js';
import { type Calls, errorFrame } from './calls.js';
import { LateJoin } from './late-join.js';
import { SharedRoom } from './shared-room.js';
import type { Tab } from './tab.js';
import { Turns } from './turns.js';
import { type Command, fieldsOf } from './wire.js';

/** What the rooms need of the connection they are on. */
export interface RoomsHost {
  readonly calls: Calls;
  later(then: () => void, ms: number): void;
  sender(): { sender_id: string; sender_name: string };
  all(): Iterable<Tab>;
}

/** Answers a command, and then goes on with what its tab said after it. @param then called in between */
type Settle = (frame: object, then?: () => void) => void;

const RETRY_MS = 1000;
const FORBIDDEN = 2001;
const ALREADY = 3004;
/** Comes back by itself. */
const UNSHARED = 4000;
const NOT_IN_ROOM = errorFrame(3003, 'NotInRoom', 'This connection is not in the room.');
const ALREADY_IN_ROOM = errorFrame(ALREADY, 'AlreadyInRoom', 'This connection is in the room already.');

/**
 * The rooms of a shared connection. It is in a room while one of its tabs is; each tab is told of a room, and hears of it,
 * as if it were there alone.
 */
export class Rooms {
  private readonly rooms = new Map<string, SharedRoom>();
  /** A room is entered and left by one tab after the other. */
  private readonly turns = new Turns();

  constructor(private readonly host: RoomsHost) {}

  join(tab: Tab, command: Command): void {
    this.inTurn(tab, command, (roomId, settle) => {
      if (this.rooms.get(roomId)?.members.has(tab)) this.inOrder(() => settle(ALREADY_IN_ROOM));
      else this.enter(tab, command.data as CommandData<'join_room'>, settle);
    });
  }

  leave(tab: Tab, command: Command): void {
    this.inTurn(tab, command, (roomId, settle) => {
      const room = this.rooms.get(roomId);
      if (room && !room.members.has(tab)) this.inOrder(() => settle(NOT_IN_ROOM));
      else if (room?.hasOthers(tab)) {
        room.remove(tab);
        const data = { room_id: roomId, status: 'left' };
        this.inOrder(() => settle({ message_type: 'room_left', data, timestamp: Date.now() }));
      } else {
        this.host.calls.ask('leave_room', command.data, (answer) => {
          // Refused, for its rate perhaps, it is in the room still.
          if (answer.message_type === 'room_left') this.rooms.delete(roomId);
          settle(answer);
        });
      }
    });
  }

  send(tab: Tab, command: Command): void {
    const { room_id: roomId, content, ephemeral } = fieldsOf(command.data) as CommandData<'room_message'>;
    const room = this.rooms.get(roomId);
    if (room && !room.members.has(tab)) {
      this.inOrder(() => tab.answer(command, NOT_IN_ROOM));
      return;
    }
    this.host.calls.forward(tab, command, (answer) => {
      const current = this.rooms.get(roomId);
      if (answer.message_type !== 'room_message_sent' || current === undefined) return answer;
      const { seq, epoch, timestamp } = answer.data as ReplyData<'room_message'>;
      // The repeat of one that they have.
      if (seq !== undefined && seq <= current.head) return answer;
      const place = { ...(seq !== undefined && { seq }), ...(ephemeral && { ephemeral: true as const }) };
      const message = { room_id: roomId, epoch, ...place, ...this.host.sender(), content, timestamp };
      current.deliver(message, JSON.stringify({ message_type: 'room_message', data: message, timestamp }), tab);
      return answer;
    });
  }

  /** Takes a push. @returns false if it is not one of a room that is known: then it is for all tabs */
  push({ message_type: type, data }: InboundFrame, text: string): boolean {
    const { room_id: roomId, user_id: userId, role } = fieldsOf(data);
    if (typeof roomId !== 'string') return false;
    if (type === 'room_joined') this.letIn(data as PushData<'room_joined'>, text);
    else {
      const room = this.rooms.get(roomId);
      // Whom a change is about is told of it in the room or not.
      const isMine = (type === 'member_set' || type === 'member_kicked') && userId === this.host.sender().sender_id;
      if (room === undefined) return isRoomPush(type) && !isMine;
      if (type === 'room_message') room.deliver(data as RoomMessage, text, null);
      else if (isMine) for (const tab of this.host.all()) tab.send(text);
      else room.tell(type, data, text);
      const isOut = isMine && (type === 'member_kicked' || role === 'banned');
      if (isOut || type === 'room_deleted' || type === 'room_left') this.rooms.delete(roomId);
    }
    return true;
  }

  /** The tab is gone: rooms that nobody else is in are left. */
  forget(tab: Tab): void {
    for (const [roomId, room] of this.rooms) {
      room.remove(tab);
      this.tidy(roomId);
    }
  }

  private enter(tab: Tab, data: CommandData<'join_room'>, settle: Settle): void {
    this.host.calls.ask('join_room', data, (answer) => {
      const known = this.rooms.get(data.room_id);
      if (answer.message_type === 'room_joined') {
        const room = new SharedRoom(answer.data as ReplyData<'join_room'>);
        this.rooms.set(data.room_id, room);
        if (tab.isOpen) room.members.add(tab);
        settle(answer);
      } else if (known && (answer.data as { code?: number }).code === ALREADY) {
        // So it may join, and its `data` is good.
        this.enterLate(tab, known, data, settle);
      } else settle(answer);
    });
  }

  private enterLate(tab: Tab, room: SharedRoom, data: CommandData<'join_room'>, settle: Settle): void {
    const isCurrent = () => this.rooms.get(data.room_id) === room;
    const told = (reply: ReplyData<'join_room'>) => {
      // Deleted, or thrown out, meanwhile.
      if (!isCurrent()) return this.enter(tab, data, settle);
      settle({ message_type: 'room_joined', data: reply, timestamp: Date.now() }, () => room.admit(tab));
    };
    const refused = (error: InboundFrame) => {
      if (!isCurrent()) return this.enter(tab, data, settle);
      room.remove(tab);
      // May join and not read: what the join itself would have told cannot be told otherwise.
      if ((error.data as { code: number }).code === FORBIDDEN) tab.close(UNSHARED, 'not to be shared', true);
      settle(error);
    };
    new LateJoin(this.host.calls, room, tab, data, told, refused).begin();
  }

  /** A service has let the connection in: all tabs, as it would all connections. */
  private letIn(reply: PushData<'room_joined'>, text: string): void {
    const room = new SharedRoom(reply);
    this.rooms.set(reply.room_id, room);
    for (const tab of this.host.all()) {
      room.members.add(tab);
      tab.send(text);
    }
  }

  private inTurn(tab: Tab, command: Command, begin: (roomId: string, settle: Settle) => void): void {
    const roomId = fieldsOf(command.data)['room_id'];
    // The server says what is wrong with it.
    if (typeof roomId !== 'string') return this.host.calls.forward(tab, command);
    tab.hold();
    this.turns.take(roomId, (done) => {
      if (!tab.isOpen) return done();
      begin(roomId, (frame, then) => {
        tab.answer(command, frame);
        then?.();
        tab.release();
        done();
        this.tidy(roomId);
      });
    });
  }

  /** Calls `then` at the place that the answer to a command would have. */
  private inOrder(then: () => void): void {
    this.host.calls.ask('ping', {}, then);
  }

  /** Leaves the room if no tab is there. */
  private tidy(roomId: string): void {
    if (!this.rooms.get(roomId)?.isEmpty) return;
    this.turns.take(roomId, (done) => {
      if (!this.rooms.get(roomId)?.isEmpty) return done();
      this.host.calls.ask('leave_room', { room_id: roomId }, (answer) => {
        if (answer.message_type === 'room_left') this.rooms.delete(roomId);
        done();
        const { retryable, retry_after_ms: ms = RETRY_MS } = answer.data as {
          retryable?: boolean;
          retry_after_ms?: number;
        };
        if (retryable) this.host.later(() => this.tidy(roomId), ms);
      });
    });
  }
}
